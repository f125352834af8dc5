import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '#scripts/setup/project.mjs'
import { agentSocket, type AgentSocket } from './agent-socket.ts'
import { inside } from './command.ts'
import { startProcess, type Running } from './process.ts'
import type { Machine } from './topology.ts'
import { until } from './until.ts'

/** An agent without a console, which gets its documents straight through its socket. */
export type LoneAgent = {
  socket: AgentSocket
  start: () => Promise<void>
  end: (signal: NodeJS.Signals) => Promise<void>
  /** Waits until everything stored is in the kernel and answers its generation. */
  applied: () => Promise<number>
}

/** Starts an agent on a machine, with a state of its own in `folder`/`name`. */
export async function startLoneAgent(machine: Machine, folder: string, name = 'state'): Promise<LoneAgent> {
  const stateDir = join(folder, name)
  await mkdir(stateDir)
  const socket = agentSocket(join(stateDir, 'agent.sock'))
  let running: Running | null = null
  const agent: LoneAgent = {
    socket,
    start: async () => {
      const env = { ...process.env, TANGENT_STATE_DIR: stateDir, TANGENT_SOCKET: join(stateDir, 'agent.sock') }
      running = startProcess(inside(machine.namespace, [process.execPath, join(root, 'dist/agent.mjs')]), env, join(folder, `${name}.log`))
      await until('the agent answers', () => socket.status(), 30_000)
    },
    end: async (signal) => running?.end(signal),
    applied: async () => {
      const now = await until('the agent has applied what it has stored', async () => {
        const status = await socket.status()
        return status.generation === status.appliedGeneration ? status : null
      }, 60_000)
      return now.generation
    },
  }
  await agent.start()
  return agent
}
