import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'

export type RunFailure = { kind: 'missing' | 'timeout' | 'exit'; command: string; code: number | null; stderr: string }

/** A command that did not succeed: not installed, too slow, or ended with an exit code other than 0. */
export class RunError extends Error {
  readonly failure: RunFailure

  constructor(failure: RunFailure) {
    super(words(failure))
    this.failure = failure
  }
}

function words({ kind, command, code, stderr }: RunFailure): string {
  if (kind === 'missing') return `${command} is not installed`
  if (kind === 'timeout') return `${command} did not finish in time`
  return `${command} ended with code ${code}: ${stderr.trim().slice(0, 500)}`
}

const environment: NodeJS.ProcessEnv = { NODE_ENV: 'production', PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

/** `started` hears the process id at once. */
export type RunOptions = { input?: string | Uint8Array; timeoutMs?: number; okCodes?: readonly number[]; started?: (pid: number) => void }

/**
 * Runs a program with an argument vector, never through a shell, and answers its standard output.
 * Throws RunError; the default timeout is 10 s, after which the program is killed.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { input, timeoutMs = 10_000, okCodes = [0] } = options
  const command = `${program} ${args.join(' ')}`.slice(0, 200)
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] })
    if (child.pid !== undefined) options.started?.(child.pid)
    let stdout = ''
    let stderr = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeoutMs)
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(error.code === 'ENOENT' ? new RunError({ kind: 'missing', command: program, code: null, stderr: '' }) : error)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      if (late) reject(new RunError({ kind: 'timeout', command, code, stderr }))
      else if (code !== null && okCodes.includes(code)) resolve(stdout)
      else reject(new RunError({ kind: 'exit', command, code, stderr }))
    })
  })
}

export type Running = { child: ChildProcess; stop: () => void }

/** Starts a program that keeps running; `line` gets each line of its output, `exit` its end. Extra variables are added to the environment. */
export function runForever(
  program: string,
  args: readonly string[],
  on: { line: (line: string) => void; exit: (reason: string) => void },
  variables: Record<string, string> = {},
): Running {
  const running = follow(program, args, variables, on.exit, (stream) => inLines(stream, on.line))
  running.child.stdin?.end()
  return running
}

/** The same for a program that is told things: its standard input is open, its complaints come apart, and `exit` comes after its last line. */
export function runToTalk(program: string, args: readonly string[], on: { line: (line: string) => void; complaint: (line: string) => void; exit: (reason: string) => void }): Running {
  let reason = ''
  const running = follow(program, args, {}, (text) => (reason = text), (stream, name) => inLines(stream, name === 'stdout' ? on.line : on.complaint))
  // A program that cannot be started closes as well, after its error.
  running.child.on('close', () => on.exit(reason))
  return running
}

/** The same for a program that talks in bytes: its standard input is open, its standard error is dropped. */
export function runForBytes(program: string, args: readonly string[], on: { bytes: (bytes: Buffer) => void; exit: (reason: string) => void }): Running {
  return follow(program, args, {}, on.exit, (stream, name) => stream.on('data', (bytes: Buffer) => (name === 'stdout' ? on.bytes(bytes) : undefined)))
}

/** What a line that does not end is cut to, in characters. */
const longestLine = 16 * 1024 * 1024

function inLines(stream: Readable, line: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(0, longestLine)
    lines.forEach(line)
  })
}

function follow(program: string, args: readonly string[], variables: Record<string, string>, exit: (reason: string) => void, read: (stream: Readable, name: 'stdout' | 'stderr') => void): Running {
  const child = spawn(program, args, { env: { ...environment, ...variables }, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => undefined)
  let ended = false
  const end = (reason: string): void => {
    if (!ended) exit(reason)
    ended = true
  }
  read(child.stdout, 'stdout')
  read(child.stderr, 'stderr')
  child.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'ENOENT' ? `${program} is not installed` : error.message))
  child.on('exit', (code, signal) => end(`${program} ended with ${signal ?? `code ${code}`}`))
  return {
    child,
    stop: () => {
      ended = true
      child.kill('SIGTERM')
    },
  }
}
