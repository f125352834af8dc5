import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { has } from '../setup/exec.mjs'
import { actsForOwner, isRoot, owner, root } from '../setup/project.mjs'

const name = 'tangent'

/**
 * Whom the console runs as when root starts it: the owner of the clone, or the system user "tangent", which is made when it is
 * missing and which the agent's socket lets in. Null when it stays whoever it is: not root, or in folders that only root may enter.
 * @param {{ stateDir: string }} settings
 * @returns {{ uid: number, gid: number } | null}
 */
export function consoleUser(settings) {
  if (!isRoot || !has('setpriv')) return null
  if (actsForOwner) return owner
  const system = systemUser() ?? makeSystemUser()
  return system && [root, dirname(settings.stateDir)].every((folder) => mayEnter(system, folder)) ? system : null
}

/**
 * Arguments that start a program as the console's user, with no capability and no way to gain one, ended with its starter.
 * @param {{ uid: number, gid: number } | null} user
 */
export function unprivileged(user) {
  if (!isRoot || !has('setpriv')) return []
  const group = systemUser()?.gid
  const identity = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, group === undefined ? '--clear-groups' : `--groups=${group}`] : []
  return ['setpriv', ...identity, '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', '--pdeathsig=KILL']
}

function systemUser() {
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((one) => one.startsWith(`${name}:`))
  if (!line) return null
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

function makeSystemUser() {
  if (!has('useradd')) return null
  execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', name])
  return systemUser()
}

function mayEnter(user, folder) {
  const probe = spawnSync('setpriv', [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', 'test', '-x', folder])
  return probe.status === 0
}
