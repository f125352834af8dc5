import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inside } from './command.ts'
import { ownFolders } from './prep-folder.ts'

export type Shell = 'dash' | 'bash' | 'busybox'
export type Tools = 'iproute2' | 'busybox'
export type Result = { status: number; output: string; errors: string }
/** The n-th program that a script starts, from 1 on. */
export type KillPoint = { program: number; when: 'before' | 'after' }
export type RunOptions = {
  shell?: Shell
  tools?: Tools
  /** The shell reads the script from its standard input, as after `curl … | sh -s -- --apply`. */
  piped?: boolean
  /** The machine's own folders instead of the host's; the namespace then is that of process 1, and the tools are those of busybox. */
  ownFiles?: boolean
  /** Runs as this user instead of root. */
  uid?: number
  /** The script and all that it started end with SIGKILL there. With `ownFiles` only. */
  killAt?: KillPoint
}

/** The argument vector that runs a script (or `args` themselves, when `text` is null) on a machine. */
export function scriptArgv({ namespace, folder }: { namespace: string; folder: string }, text: string | null, args: string[], options: RunOptions): string[] {
  const script = join(folder, 'script')
  if (text !== null) writeFileSync(script, text)
  if (options.killAt) writeFileSync(join(folder, 'kill-at'), `${options.killAt.program} ${options.killAt.when}\n`)
  const shell = [join(folder, 'shells', options.shell ?? 'dash'), ...(options.shell === 'busybox' ? ['sh'] : [])]
  const program = text === null ? args : [...shell, ...(options.piped ? ['-s', '--'] : [script]), ...args]
  return inside(namespace, around(folder, program, options))
}

/** Wraps a program into mounts of its own. A bind mount is private to it, so that the host's files stay what they are. */
function around(folder: string, program: string[], { tools = 'iproute2', ownFiles = false, uid, killAt }: RunOptions): string[] {
  const programs = killAt ? 'traps' : 'tools'
  const mounts = [
    ...(ownFiles ? Object.entries(ownFolders) : []),
    ...(tools === 'busybox' || ownFiles ? [[programs, '/usr/sbin'], [programs, '/usr/bin']] : []),
  ].map(([own, place]) => `mount --bind "${folder}/${own}" ${place}`)
  const state = ownFiles ? '' : `export TANGENT_BACKEND_STATE=${folder}/state`
  // Process 1 of a namespace cannot be killed from inside.
  const start = killAt ? [`: >${folder}/started`, `${folder}/shells/setsid --wait "$@"`] : ['exec "$@"']
  const ids = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, '--clear-groups']
  return ['unshare', '--mount', ...(ownFiles ? ['--pid', '--fork', '--mount-proc'] : []), 'sh', '-ec', [state, ...mounts, ...start].filter(Boolean).join('\n'), 'sh', ...ids, ...program]
}

/** Runs a program to its end. The status is -1 when a signal ended it. */
export function runToEnd([program = '', ...args]: string[], input = ''): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { timeout: 30_000 })
    let [output, errors] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.on('error', reject)
    child.on('close', (status) => resolve({ status: status ?? -1, output, errors }))
    // A script that stops before its end leaves some of it unread.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
