import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '#scripts/setup/project.mjs'
import { agentSocket, type AgentSocket } from '../lab/agent-socket.ts'
import { inside } from '../lab/command.ts'
import { startProcess } from '../lab/process.ts'
import type { Machine } from '../lab/topology.ts'
import { until } from '../lab/until.ts'

export type BareAgent = { pid: number; socket: AgentSocket; stop: () => Promise<void> }

/** Starts the agent as it was built, in the namespace of a machine, without a console. `folder` has its state and its log. */
export async function startAgent(machine: Machine, folder: string): Promise<BareAgent> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'agent.sock')
  const env: NodeJS.ProcessEnv = { ...process.env, TANGENT_STATE_DIR: join(folder, 'state'), TANGENT_SOCKET: path, TANGENT_LOG_LEVEL: 'info' }
  const running = startProcess(inside(machine.namespace, [process.execPath, join(root, 'dist/agent.mjs')]), env, join(folder, 'agent.log'))
  const socket = agentSocket(path)
  await until('the agent answers', () => socket.status(), 30_000)
  return { pid: running.pid, socket, stop: () => running.end('SIGTERM') }
}
