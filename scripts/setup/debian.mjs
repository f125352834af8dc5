import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { exec, has } from './exec.mjs'
import { isRoot } from './project.mjs'
import { say, step, Stop } from './say.mjs'

/** Program → Debian package that has it. */
export const agentPrograms = { nft: 'nftables', nftlb: 'nftlb', ip: 'iproute2', arping: 'iputils-arping', socat: 'socat', fping: 'fping', unshare: 'util-linux', nsenter: 'util-linux', setpriv: 'util-linux' }
export const compilerPrograms = { python3: 'python3', make: 'make', 'g++': 'g++' }
export const testPrograms = { ...agentPrograms, chromium: 'chromium', shellcheck: 'shellcheck', busybox: 'busybox-static', tcpdump: 'tcpdump', iptables: 'iptables', curl: 'curl', wget: 'wget', git: 'git', 'ansible-playbook': 'ansible-core' }

const policyFile = '/usr/sbin/policy-rc.d'

/** Programs of `programs` that this machine lacks. */
export function missing(programs) {
  return Object.keys(programs).filter((program) => !has(program))
}

/**
 * Installs the packages of those programs that are missing, when it can: as root, with apt-get. Answers what is missing
 * afterwards. No daemon of a package starts: nftlb of its own would wipe the tables that the agent's one made.
 */
export async function installDebian(programs) {
  const absent = missing(programs)
  if (absent.length === 0 || !isRoot || !has('apt-get')) return absent
  const packages = [...new Set(absent.map((program) => programs[program]))]
  try {
    await step(`Debian packages: ${packages.join(', ')}`, () => withoutDaemons(() => install(packages)))
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    say(error.message)
  }
  if (packages.includes('nftlb') && has('systemctl')) await exec('systemctl', ['disable', '--quiet', 'nftlb.service']).catch(() => undefined)
  return missing(programs)
}

async function install(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const args = ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages]
  try {
    await exec('apt-get', args, { env })
  } catch {
    await exec('apt-get', ['update', '-q', '-o', 'DPkg::Lock::Timeout=300'], { env })
    await exec('apt-get', args, { env })
  }
}

async function withoutDaemons(work) {
  const ours = !existsSync(policyFile)
  if (ours) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return await work()
  } finally {
    if (ours) rmSync(policyFile, { force: true })
  }
}

/** The sentence about missing programs: what to type. */
export function installHint(absent, programs) {
  return `run "apt-get install ${[...new Set(absent.map((program) => programs[program]))].join(' ')}" as root`
}
