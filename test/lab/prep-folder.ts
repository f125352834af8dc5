import { chmodSync, copyFileSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** The folders of a prepared machine that stand for /etc, /var, /run and /usr/local. */
export const ownFolders = { etc: '/etc', var: '/var', run: '/run', local: '/usr/local' } as const

/**
 * Makes the folder of a prepared machine. `boot_id` tells its boots apart; `shells` has its shells; `tools` what a busybox machine has, besides programs that stand
 * for its service manager and write down in `recorded` what they were told; `traps` has a wrapper for each tool.
 */
export function createPrepFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'prep-'))
  chmodSync(folder, 0o755)
  for (const name of ['shells', 'tools', 'traps', 'etc/systemd/system', 'etc/sysctl.d', 'etc/local.d', 'etc/runlevels/default', 'var/lib', 'run/mount', 'local/sbin']) mkdirSync(join(folder, name), { recursive: true })
  for (const program of ['dash', 'bash', 'busybox', 'systemctl', 'sleep']) copyFileSync(`/usr/bin/${program}`, join(folder, 'shells', program))
  copyFileSync('/usr/bin/busybox', join(folder, 'tools/busybox'))
  for (const applet of execFileSync('busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(folder, 'tools', applet))
  }
  writeFileSync(join(folder, 'boot_id'), 'boot-1\n')
  writeProgram(join(folder, 'tools/systemctl'), systemctl(folder))
  writeProgram(join(folder, 'tools/rc-update'), rcUpdate(folder))
  writeProgram(join(folder, 'trap'), trap(folder))
  for (const tool of readdirSync(join(folder, 'tools'))) symlinkSync(join(folder, 'trap'), join(folder, 'traps', tool))
  return folder
}

/** Gives a machine with busybox tools a program of the host beside them. */
export function addTool(folder: string, program: string): void {
  copyFileSync(program, join(folder, 'tools', basename(program)))
  symlinkSync(join(folder, 'trap'), join(folder, 'traps', basename(program)))
}

/** Every file of the own folders by its path, with its mode and content; folders and links too. */
export function contentsOf(folder: string): Record<string, string> {
  const paths = Object.keys(ownFolders).flatMap((top) => readdirSync(join(folder, top), { recursive: true, encoding: 'utf8' }).map((name) => `${top}/${name}`))
  return Object.fromEntries(paths.sort().map((path) => [path, content(join(folder, path))]))
}

function content(path: string): string {
  const found = lstatSync(path)
  if (found.isSymbolicLink()) return `-> ${readlinkSync(path)}`
  return `${(found.mode & 0o7777).toString(8)} ${found.isDirectory() ? 'folder' : readFileSync(path, 'utf8')}`
}

function writeProgram(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o755 })
}

/** The real one makes and removes the links; without a running systemd it has nothing else to do. */
const systemctl = (folder: string): string => `#!/bin/sh
echo "systemctl $*" >>${folder}/recorded
case $1 in enable | disable) SYSTEMD_OFFLINE=1 exec ${folder}/shells/systemctl "$@" ;; esac
`

const rcUpdate = (folder: string): string => `#!/bin/sh
echo "rc-update $*" >>${folder}/recorded
case " $* " in
  *" add "*) ln -sf /etc/init.d/local /etc/runlevels/default/local ;;
  *" del "* | *" delete "*) rm -f /etc/runlevels/default/local ;;
esac
`

/** Runs the tool of its own name, unless it is the n-th one that is started (or a later one: two may start at once): then the process group ends. */
const trap = (folder: string): string => `#!${folder}/shells/dash
read -r at <${folder}/kill-at
printf . >>${folder}/started
read -r started <${folder}/started
[ "\${#started}" -lt "$at" ] || kill -9 0
exec ${folder}/tools/\${0##*/} "$@"
`
