import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeNamespaces } from '#scripts/run/namespaces.mjs'
import { command, inside } from './command.ts'
import { labPrefix } from './lab.ts'
import { contentsOf, createPrepFolder, ownFolders } from './prep-folder.ts'

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

/**
 * A backend in a namespace, and a folder for scripts, shells, tools and state. Its eth0 has addresses of both families; at the
 * other end of the cable is `neighbour`, another host of the same network and the default gateway.
 */
export type PrepMachine = {
  namespace: string
  neighbour: string
  folder: string
  ip: (...args: string[]) => Promise<string>
  sh: (text: string) => Promise<string>
  /** The argument vector that runs a script with arguments. `text` null runs `args` as they are. */
  argv: (text: string | null, args: string[], options?: RunOptions) => string[]
  run: (text: string | null, args: string[], options?: RunOptions) => Promise<Result>
  /** What a script may change in the kernel: addresses, and the ARP settings of every interface. */
  snapshot: () => Promise<string>
  /** What a script may change on the disk of `ownFiles`. */
  files: () => Record<string, string>
  remove: () => Promise<void>
}

export async function createPrepMachine(): Promise<PrepMachine> {
  const prefix = labPrefix()
  const [namespace, neighbour] = [`${prefix}web1`, `${prefix}other`]
  const folder = createPrepFolder()
  const remove = async (): Promise<void> => {
    removeNamespaces(prefix)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await buildNamespaces(namespace, neighbour)
  } catch (error) {
    await remove()
    throw error
  }
  const argv: PrepMachine['argv'] = (text, args, options = {}) => {
    const script = join(folder, 'script')
    if (text !== null) writeFileSync(script, text)
    if (options.killAt) writeFileSync(join(folder, 'kill-at'), `${options.killAt.program} ${options.killAt.when}\n`)
    const shell = [join(folder, 'shells', options.shell ?? 'dash'), ...(options.shell === 'busybox' ? ['sh'] : [])]
    const program = text === null ? args : [...shell, ...(options.piped ? ['-s', '--'] : [script]), ...args]
    return inside(namespace, around(folder, program, options))
  }
  const sh = (text: string) => command(inside(namespace, ['sh', '-c', text]))
  return {
    namespace,
    neighbour,
    folder,
    argv,
    run: (text, args, options = {}) => finished(argv(text, args, options), options.piped ? (text ?? '') : ''),
    sh,
    ip: (...args) => command(['ip', '-n', namespace, ...args]),
    snapshot: () => sh('ip -o addr; grep . /proc/sys/net/ipv4/conf/*/arp_ignore /proc/sys/net/ipv4/conf/*/arp_announce'),
    files: () => contentsOf(folder),
    remove,
  }
}

async function buildNamespaces(namespace: string, neighbour: string): Promise<void> {
  for (const name of [namespace, neighbour]) await command(['ip', 'netns', 'add', name])
  await command(['ip', 'link', 'add', 'eth0', 'netns', namespace, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', neighbour])
  // Link-local addresses that the kernel makes change by themselves while they are probed; the snapshots must not.
  const links = ['link set lo up', 'link set eth0 addrgenmode none', 'link set eth0 up']
  const others = ['addr add 10.9.0.1/24 dev eth0', 'addr add fd09::1/64 dev eth0 nodad', 'addr add fe80::1/64 dev eth0 nodad']
  const own = ['addr add 10.9.0.21/24 dev eth0', 'addr add 10.9.0.22/24 dev eth0', 'addr add fd09::21/64 dev eth0 nodad', 'addr add fe80::21/64 dev eth0 nodad']
  const routes = ['route add default via 10.9.0.1', '-6 route add default via fd09::1']
  for (const step of [...links, ...others]) await command(['ip', '-n', neighbour, ...step.split(' ')])
  for (const step of [...links, ...own, ...routes]) await command(['ip', '-n', namespace, ...step.split(' ')])
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

function finished([program = '', ...args]: string[], input: string): Promise<Result> {
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
