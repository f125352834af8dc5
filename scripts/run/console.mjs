import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { exec } from '../setup/exec.mjs'
import { isRoot, root } from '../setup/project.mjs'
import { say, Stop } from '../setup/say.mjs'
import { urlOf } from '../setup/settings.mjs'
import { consoleUser, unprivileged } from './console-user.mjs'
import { keepRunning } from './keep.mjs'

/** Throws Stop when something listens on the console's port already. */
export function requireFreePort(settings) {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken by another program' : error.code === 'EACCES' ? 'needs root' : `cannot be used (${error.message})`
      reject(new Stop(`Port ${settings.port} on ${settings.host} ${why}. Stop that program, or choose another port: TANGENT_PORT=${settings.port + 1} npm run up`))
    })
    probe.listen(settings.port, settings.host, () => probe.close(() => resolve()))
  })
}

/**
 * Makes the state directory, for the console alone, and brings its database up to date.
 * @param {import('../setup/settings.mjs').Settings} settings
 */
export async function prepareState(settings) {
  const user = consoleUser(settings)
  mkdirSync(settings.stateDir, { recursive: true, mode: 0o700 })
  chmodSync(settings.stateDir, 0o700)
  // The whole set: a database that root made before would be read-only for the console.
  const files = ['', 'console.db', 'console.db-wal', 'console.db-shm', 'secret'].map((name) => join(settings.stateDir, name)).filter(existsSync)
  if (user) for (const file of files) chownSync(file, user.uid, user.gid)
  await exec(process.execPath, ['prisma/migrate.mjs', join(settings.stateDir, 'console.db')], { user })
}

/**
 * Environment of the console's programs: what the starter has, with absolute paths.
 * @param {import('../setup/settings.mjs').Settings} settings
 * @returns {NodeJS.ProcessEnv}
 */
export function consoleEnvironment(settings) {
  return {
    ...process.env,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    CHECKPOINT_DISABLE: '1',
    HOSTNAME: settings.host,
    PORT: String(settings.port),
    TANGENT_HOST: settings.host,
    TANGENT_PORT: String(settings.port),
    TANGENT_STATE_DIR: settings.stateDir,
    TANGENT_SOCKET: settings.socket,
  }
}

/** Starts the console and waits until it answers. It is an ordinary user without capabilities, also when root starts it. */
export async function startConsole(settings, options = {}) {
  const server = join(root, '.next/standalone/server.js')
  const user = consoleUser(settings)
  if (isRoot && !user) say(`The console runs as root without capabilities, because no other user may enter ${root} or ${settings.stateDir}.`)
  const [command, ...args] = [...unprivileged(user), process.execPath, server]
  const running = keepRunning({ name: 'The console', command, args, env: consoleEnvironment(settings), signalAtDeath: isRoot ? undefined : 'KILL', ...options })
  const deadline = Date.now() + 60_000
  while (!(await answers(settings))) {
    const ended = !running.isRunning()
    if (ended || Date.now() > deadline) {
      await running.stop()
      throw new Stop(ended ? 'The console did not start; its output above says why.' : 'The console did not answer within a minute; its output above says why.')
    }
    await wait(200)
  }
  return running
}

async function answers(settings) {
  try {
    const reply = await fetch(`${urlOf(settings)}/healthz`, { signal: AbortSignal.timeout(2000) })
    return reply.ok
  } catch {
    return false
  }
}
