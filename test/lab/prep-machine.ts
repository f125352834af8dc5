import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command, inside } from './command.ts'

export type Shell = 'dash' | 'bash' | 'busybox'
export type Tools = 'iproute2' | 'busybox'
export type Result = { status: number; output: string; errors: string }
export type RunOptions = {
  shell?: Shell
  tools?: Tools
  /** Directories of the folder that stand for /etc, /var, /run and /usr/local; the namespace then is that of process 1. */
  ownFiles?: boolean
  /** Runs as this user instead of root. */
  uid?: number
}

/** A backend in a namespace: eth0 with addresses of both families, and a folder for scripts, shells, tools and state. */
export type PrepMachine = {
  namespace: string
  folder: string
  ip: (...args: string[]) => Promise<string>
  sh: (text: string) => Promise<string>
  /** Runs a script with arguments. `text` null runs `args` as they are. */
  run: (text: string | null, args: string[], options?: RunOptions) => Promise<Result>
  /** Everything that a script may change: addresses, and the ARP settings of every interface. */
  snapshot: () => Promise<string>
  remove: () => Promise<void>
}

const applets = ['awk', 'cat', 'chmod', 'env', 'grep', 'id', 'ip', 'mkdir', 'mv', 'readlink', 'rm', 'rmdir', 'sh', 'uname']
const snapshotText = 'ip -o addr; for file in /proc/sys/net/ipv4/conf/*/arp_ignore /proc/sys/net/ipv4/conf/*/arp_announce; do echo "$file $(cat "$file")"; done'

export async function createPrepMachine(name: string): Promise<PrepMachine> {
  const namespace = `prep-${name}`
  const folder = mkdtempSync(join(tmpdir(), 'prep-'))
  chmodSync(folder, 0o755)
  const remove = async (): Promise<void> => {
    await command(['ip', 'netns', 'del', namespace]).catch(() => '')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    fillFolder(folder)
    await buildNamespace(namespace)
  } catch (error) {
    await remove()
    throw error
  }
  const run: PrepMachine['run'] = (text, args, options = {}) => {
    const script = join(folder, 'script')
    if (text !== null) writeFileSync(script, text)
    const shell = join(folder, 'shells', options.shell ?? 'dash')
    const program = text === null ? args : [...(options.shell === 'busybox' ? [shell, 'sh'] : [shell]), script, ...args]
    return finished(inside(namespace, around(folder, program, options)))
  }
  const sh = (text: string) => command(inside(namespace, ['sh', '-c', text]))
  return { namespace, folder, remove, run, sh, ip: (...args) => command(['ip', '-n', namespace, ...args]), snapshot: () => sh(snapshotText) }
}

async function buildNamespace(namespace: string): Promise<void> {
  await command(['ip', 'netns', 'add', namespace])
  for (const step of [
    'link set lo up',
    'link add eth0 type veth peer name peer0',
    // Link-local addresses change by themselves while they are probed; the snapshots must not.
    'link set eth0 addrgenmode none',
    'link set peer0 addrgenmode none',
    'link set eth0 up',
    'link set peer0 up',
    'addr add 10.9.0.21/24 dev eth0',
    'addr add 10.9.0.22/24 dev eth0',
    'addr add fd09::21/64 dev eth0 nodad',
  ]) {
    await command(['ip', '-n', namespace, ...step.split(' ')])
  }
}

function fillFolder(folder: string): void {
  for (const name of ['shells', 'tools', 'etc/systemd/system', 'etc/local.d', 'var/lib', 'run', 'local/sbin']) mkdirSync(join(folder, name), { recursive: true })
  for (const shell of ['dash', 'bash', 'busybox']) copyFileSync(`/usr/bin/${shell}`, join(folder, 'shells', shell))
  copyFileSync('/usr/bin/busybox', join(folder, 'tools/busybox'))
  for (const applet of applets) symlinkSync('busybox', join(folder, 'tools', applet))
  for (const recorder of ['systemctl', 'rc-update']) {
    writeFileSync(join(folder, 'tools', recorder), `#!/bin/sh\necho "${recorder} $*" >>${folder}/recorded\n`, { mode: 0o755 })
  }
}

/** Wraps a program into mounts of its own. A bind mount is private to it, so that the host's files stay what they are. */
function around(folder: string, program: string[], { tools = 'iproute2', ownFiles = false, uid }: RunOptions): string[] {
  const mounts = [
    ...(ownFiles ? ['etc:/etc', 'var:/var', 'run:/run', 'local:/usr/local'] : []),
    ...(tools === 'busybox' || ownFiles ? ['tools:/usr/sbin', 'tools:/usr/bin'] : []),
  ].map((pair) => `mount --bind "${folder}/${pair.replace(':', '" ')}`)
  const state = ownFiles ? '' : `export TANGENT_BACKEND_STATE=${folder}/state`
  const setUp = [state, ...mounts, 'exec "$@"'].filter(Boolean).join('\n')
  const ids = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, '--clear-groups']
  return ['unshare', '--mount', ...(ownFiles ? ['--pid', '--fork', '--mount-proc'] : []), 'sh', '-ec', setUp, 'sh', ...ids, ...program]
}

function finished([program = '', ...args]: string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 30_000 }, (error, output, errors) => {
      resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, output, errors })
    })
  })
}
