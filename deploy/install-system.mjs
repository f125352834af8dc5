import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { exec, has } from '../scripts/setup/exec.mjs'
import { root } from '../scripts/setup/project.mjs'
import { step, Stop } from '../scripts/setup/say.mjs'
import { copies, isSystemNode, paths, settingsFiles, units, user } from './layout.mjs'

/** Installs or upgrades, starts both services and waits until the console answers. Answers what a person must be told. */
export async function installSystem() {
  const account = await ensureAccount()
  await step(`copying the program to ${paths.program}`, () => replaceProgram())
  writeSettings()
  const password = firstRun(account)
  await step('starting tangent-agent and tangent-console', () => startServices())
  const address = await untilAnswering()
  return [
    `Tangent is at ${address} and starts with this machine.`,
    ...(password ? [password] : []),
    `Settings: ${paths.settings}/console.env and agent.env. Logs: journalctl -u tangent-console -u tangent-agent`,
    `API token: sudo -u ${user} env TANGENT_STATE_DIR=${paths.consoleState} node ${paths.program}/console/token.mjs --name ci --scope admin`,
  ]
}

async function ensureAccount() {
  if (lookUp('passwd', user) === null) {
    await exec('useradd', ['--system', '--user-group', '--home-dir', paths.consoleState, '--no-create-home', '--shell', '/usr/sbin/nologin', user])
  }
  const uid = lookUp('passwd', user)
  const gid = lookUp('group', user)
  if (uid === null || gid === null) throw new Stop(`The account ${user} exists only half: it needs a user and a group of this name. Make the missing one, then run this again.`)
  return { uid, gid }
}

/** Number of an account in /etc/passwd or /etc/group; null when there is none. */
function lookUp(file, name) {
  const line = readFileSync(`/etc/${file}`, 'utf8').split('\n').find((one) => one.startsWith(`${name}:`))
  return line ? Number(line.split(':')[2]) : null
}

/** The new program stands beside the old one until it is complete; the services change over when they start again. */
function replaceProgram() {
  const next = `${paths.program}.new`
  const former = `${paths.program}.old`
  for (const path of [next, former]) rmSync(path, { recursive: true, force: true })
  for (const [source, target] of copies) {
    mkdirSync(dirname(join(next, target)), { recursive: true })
    cpSync(join(root, source), join(next, target), { recursive: true, verbatimSymlinks: true })
  }
  if (!isSystemNode(process.execPath)) {
    mkdirSync(join(next, 'bin'))
    copyFileSync(process.execPath, join(next, 'bin/node'))
    chmodSync(join(next, 'bin/node'), 0o755)
  }
  execFileSync('chown', ['-R', 'root:root', next])
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', next])
  if (existsSync(paths.program)) renameSync(paths.program, former)
  renameSync(next, paths.program)
  rmSync(former, { recursive: true, force: true })
}

function writeSettings() {
  mkdirSync(paths.settings, { recursive: true, mode: 0o755 })
  for (const [name, text] of Object.entries(settingsFiles)) {
    const file = join(paths.settings, name)
    if (!existsSync(file)) writeFileSync(file, text, { mode: 0o644 })
  }
  for (const unit of units) copyFileSync(join(root, 'deploy/systemd', unit), join(paths.units, unit))
}

/** Database and administrator are made here, as the console's user, so that the password is seen here and in no log. */
function firstRun({ uid, gid }) {
  mkdirSync(paths.consoleState, { recursive: true, mode: 0o700 })
  chownSync(paths.consoleState, uid, gid)
  const cwd = join(paths.program, 'console')
  const node = isSystemNode(process.execPath) ? process.execPath : join(paths.program, 'bin/node')
  const env = { PATH: process.env.PATH, NODE_ENV: 'production', CHECKPOINT_DISABLE: '1', TANGENT_STATE_DIR: paths.consoleState, TANGENT_ADMIN_PASSWORD: process.env.TANGENT_ADMIN_PASSWORD ?? '' }
  const run = (args) => {
    try {
      return execFileSync(node, args, { cwd, env, uid, gid, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    } catch (error) {
      throw new Stop(`The console's database could not be made ready: ${String(error.stderr || error.message).trim()}`)
    }
  }
  run(['prisma/migrate.mjs', join(paths.consoleState, 'console.db')])
  return run(['first-run.mjs']).trim()
}

async function startServices() {
  // Two nftlb fight over one table. The distribution's service is no part of Tangent; the agent starts its own.
  if (existsSync('/lib/systemd/system/nftlb.service')) await exec('systemctl', ['disable', '--now', 'nftlb.service'])
  await exec('systemctl', ['daemon-reload'])
  await exec('systemctl', ['enable', ...units])
  await exec('systemctl', ['restart', ...units])
}

async function untilAnswering() {
  const text = readFileSync(join(paths.settings, 'console.env'), 'utf8')
  const setting = (name, fallback) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]?.trim() || fallback
  const host = setting('TANGENT_HOST', '127.0.0.1')
  const address = `http://${['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${setting('TANGENT_PORT', '3000')}`
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await wait(250)) {
    const reply = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => null)
    if (reply?.ok) return address
  }
  const log = has('journalctl') ? await exec('journalctl', ['-u', 'tangent-console', '-n', '20', '--no-pager']).catch(() => '') : ''
  throw new Stop(`${log}\nThe services are installed, but the console did not answer at ${address} within a minute. The log above, or "journalctl -u tangent-console", says why.`)
}
