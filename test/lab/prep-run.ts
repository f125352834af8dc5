import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inside } from './command.ts'
import { ownFolders } from './prep-folder.ts'

export type Shell = 'dash' | 'bash' | 'busybox'
export type Tools = 'iproute2' | 'busybox'
export type Result = { status: number; output: string; errors: string }
/** When a script and all that it started end with SIGKILL: some time after its start, or when it starts its n-th program (from 1 on). */
export type KillPoint = { afterMs: number } | { program: number }
export type RunOptions = {
  shell?: Shell
  tools?: Tools
  /** The shell reads the script from its standard input, as in a playbook. */
  piped?: boolean
  /** The machine's own folders instead of the host's; the namespace then is that of process 1, and the tools are those of busybox. */
  ownFiles?: boolean
  /** Runs as this user instead of root. */
  uid?: number
  /** At a program: with `ownFiles` only. */
  killAt?: KillPoint
}
export type Runner = {
  /** Runs a script with arguments. `text` null runs `args` as they are. The status is -1 when a signal ended it. */
  run: (text: string | null, args: string[], options?: RunOptions) => Promise<Result>
  /** After the end of the namespace. */
  forget: () => void
}

/** Runs scripts in a namespace, with mounts of their own: a bind mount is private to them, so that the host's files stay what they are. */
export function createRunner(namespace: string, folder: string): Runner {
  const processes = new Map<string, Promise<string>>()
  const enter = async (options: RunOptions): Promise<string[]> => {
    const [mounts, unshared] = mountsOf(folder, options)
    const key = mounts.join('\n')
    const pid = processes.get(key) ?? holdMounts(namespace, folder, mounts, unshared)
    processes.set(key, pid)
    return ['nsenter', `--target=${await pid}`, '--mount', '--net', ...(options.ownFiles ? ['--pid'] : [])]
  }
  const run: Runner['run'] = async (text, args, options = {}) => {
    const script = join(folder, 'script')
    if (text !== null) writeFileSync(script, text)
    const { shell = 'dash', uid, piped, ownFiles, killAt } = options
    if (killAt && 'program' in killAt) {
      writeFileSync(join(folder, 'kill-at'), `${killAt.program}\n`)
      writeFileSync(join(folder, 'started'), '')
    }
    const interpreter = [join(folder, 'shells', shell), ...(shell === 'busybox' ? ['sh'] : [])]
    const program = text === null ? args : [...interpreter, ...(piped ? ['-s', '--'] : [script]), ...args]
    const ids = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, '--clear-groups']
    const state = ownFiles ? [] : ['env', `TANGENT_BACKEND_STATE=${folder}/state`]
    return runToEnd([...(await enter(options)), ...state, ...ids, ...program], piped ? (text ?? '') : '', killAt && 'afterMs' in killAt ? killAt.afterMs : undefined)
  }
  return { run, forget: () => processes.clear() }
}

function mountsOf(folder: string, { tools, ownFiles, killAt }: RunOptions): [string[], string[]] {
  const programs = killAt && 'program' in killAt ? 'traps' : 'tools'
  const binds = [
    ...(ownFiles ? [...Object.entries(ownFolders), ['boot_id', '/proc/sys/kernel/random/boot_id']] : []),
    ...(tools === 'busybox' || ownFiles ? [[programs, '/usr/sbin'], [programs, '/usr/bin']] : []),
  ]
  return [binds.map(([own, place]) => `mount --bind "${folder}/${own}" ${place}`), ownFiles ? ['--pid', '--fork', '--mount-proc'] : []]
}

/** Starts a process that holds these mounts (and is process 1, when there is another process namespace), and answers its number. */
async function holdMounts(namespace: string, folder: string, mounts: string[], unshared: string[]): Promise<string> {
  const [program = '', ...args] = inside(namespace, ['unshare', '--mount', ...unshared, 'sh', '-ec', [...mounts, 'echo ready', `exec ${folder}/shells/sleep infinity`].join('\n')])
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return unshared.length > 0 ? readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim() : String(child.pid)
}

function runToEnd([program = '', ...args]: string[], input: string, killAfterMs?: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    // In a process group of its own, which ends as a whole.
    const child = spawn(program, args, { timeout: 30_000, detached: true })
    let [output, errors] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.on('error', reject)
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), killAfterMs)
    child.on('exit', () => clearTimeout(timer))
    child.on('close', (status) => resolve({ status: status ?? -1, output, errors }))
    // A script that stops before its end leaves some of it unread.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
