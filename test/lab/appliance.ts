import { chmod, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { consoleEnvironment, prepareState } from '#scripts/run/console.mjs'
import { consoleUser, unprivileged } from '#scripts/run/console-user.mjs'
import { firstRun } from '#scripts/run/first-run.mjs'
import { exec } from '#scripts/setup/exec.mjs'
import { root } from '#scripts/setup/project.mjs'
import { urlOf } from '#scripts/setup/settings.mjs'
import { apiOf, type Api } from './api.ts'
import { inside } from './command.ts'
import { startProcess, type Running } from './process.ts'
import type { Topology } from './topology.ts'
import { until } from './until.ts'

export const administrator = { name: 'admin', password: 'lab-administrator' } as const

export type Appliance = {
  url: string
  /** Where console and agent meet. */
  socket: string
  token: string
  api: Api
  /** The process of the agent; `ip netns exec` becomes the agent itself. */
  agent: () => Running
  console: () => Running
  startAgent: () => Promise<void>
  startConsole: () => Promise<void>
  /** Both logs, for a message about what went wrong. */
  logs: () => Promise<string>
  stop: () => Promise<void>
}

/**
 * Starts the appliance as it was built: the console on this machine, on a free port, and the agent in the namespace of the
 * topology's appliance. They meet at a socket in a state directory of their own.
 */
export async function startAppliance(topology: Topology, options: { agent?: boolean; port?: number; password?: string } = {}): Promise<Appliance> {
  // The console is an ordinary user and must find its state directory.
  await chmod(topology.folder, 0o711)
  const stateDir = join(topology.folder, 'state')
  const settings = { host: '127.0.0.1', port: options.port ?? (await freePort()), stateDir, socket: join(stateDir, 'agent.sock') }
  const user = consoleUser(settings)
  const env: NodeJS.ProcessEnv = { ...consoleEnvironment(settings), TANGENT_ADMIN_PASSWORD: options.password ?? administrator.password, TANGENT_LOG_LEVEL: 'info' }
  const url = urlOf(settings)
  let agent: Running | null = null
  let server: Running | null = null

  const logs = async (): Promise<string> => {
    const files = ['console.log', 'agent.log'].map((name) => readFile(join(topology.folder, name), 'utf8').catch(() => ''))
    return (await Promise.all(files)).map((text) => text.slice(-4000)).join('\n--\n')
  }
  const ready = async (what: string, ask: () => Promise<boolean>): Promise<void> => {
    await until(what, ask, 60_000, 100).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await logs()}`)
    })
  }
  const startConsole = async (): Promise<void> => {
    server = startProcess([...unprivileged(user), process.execPath, join(root, '.next/standalone/server.js')], env, join(topology.folder, 'console.log'))
    await ready('the console answers', async () => (await fetch(`${url}/healthz`)).ok)
  }
  const startAgent = async (): Promise<void> => {
    agent = startProcess(inside(topology.lb.namespace, [process.execPath, join(root, 'dist/agent.mjs')]), env, join(topology.folder, 'agent.log'))
    await ready('the console reaches the agent', async () => (await api.status()).agent.connected)
  }
  const stop = async (): Promise<void> => {
    await agent?.end('SIGTERM')
    await server?.end('SIGTERM')
  }

  await prepareState(settings)
  await firstRun(settings, env)
  const token = (await exec(process.execPath, [join(root, 'dist/token.mjs'), '--name', 'lab', '--scope', 'admin'], { user, env })).split('\n')[0] ?? ''
  const api = apiOf(url, token)
  await startConsole()
  if (options.agent !== false) await startAgent()
  return { url, socket: settings.socket, token, api, agent: () => started(agent), console: () => started(server), startAgent, startConsole, logs, stop }
}

function started(running: Running | null): Running {
  if (!running) throw new Error('It was not started.')
  return running
}

/** A port that nothing uses at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no free port'))))
    })
  })
}
