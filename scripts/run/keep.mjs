import { spawn } from 'node:child_process'
import { has } from '../setup/exec.mjs'
import { say } from '../setup/say.mjs'

const patience = 10_000
const steadyAfter = 60_000
const longestPause = 30_000

/**
 * Keeps a program running: when it ends by itself it is started again, after a pause that doubles up to 30 s and is back at
 * 1 s once it ran for a minute. Its output is always read: Next spins for ever when nobody does. `stop` sends SIGTERM, and
 * SIGKILL after 10 s; it resolves when the program is gone.
 * @param {{ name: string, command: string, args: string[], env: NodeJS.ProcessEnv, user?: { uid?: number, gid?: number },
 *   output?: NodeJS.WritableStream, signalAtDeath?: 'TERM' | 'KILL' }} options
 */
export function keepRunning({ name, command, args, env, user = {}, output = process.stdout, signalAtDeath }) {
  let child = null
  let timer = null
  let stopping = false
  let pause = 1000

  const start = () => {
    const startedAt = Date.now()
    const [program, ...rest] = orphanSafe(command, args, signalAtDeath)
    // A session of its own, so that Ctrl-C reaches only the starter, which then ends everything in order.
    child = spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...user })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => forward(output, chunk))
    child.once('error', (error) => say(`${name} cannot be started: ${error.message}`))
    child.once('close', (code, signal) => {
      child = null
      if (stopping) return
      if (Date.now() - startedAt > steadyAfter) pause = 1000
      say(`${name} ended (${signal ?? `exit code ${code}`}); it is started again in ${pause / 1000} s.`)
      timer = setTimeout(start, pause)
      pause = Math.min(pause * 2, longestPause)
    })
  }

  const stop = () => {
    stopping = true
    clearTimeout(timer)
    const current = child
    if (!current || current.exitCode !== null || current.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      const kill = setTimeout(() => current.kill('SIGKILL'), patience)
      current.once('close', () => {
        clearTimeout(kill)
        resolve()
      })
      current.kill('SIGTERM')
    })
  }

  start()
  return { name, stop, isRunning: () => child !== null, pid: () => child?.pid ?? null }
}

function forward(output, chunk) {
  if (output.writable) output.write(chunk)
}

/** A program whose starter was killed would stay behind, holding the port: the kernel ends it then. */
function orphanSafe(command, args, signal) {
  return signal && process.platform === 'linux' && has('setpriv') ? ['setpriv', '--pdeathsig', signal, command, ...args] : [command, ...args]
}
