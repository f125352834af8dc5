import { setTimeout as wait } from 'node:timers/promises'
import { agentStatusSchema } from '#lib/domain/agent-protocol.ts'
import { agentSocket } from '../../lab/agent-socket.ts'
import type { Appliance } from '../../lab/appliance.ts'
import { until } from '../../lab/until.ts'
import { descendant, memoryOf } from '../memory.ts'
import { cpuOf } from '../processor.ts'

/** What the parts of an appliance take: memory in MB, shares of one processor while nothing happens, and the seconds of a start of the agent that finds everything in place. */
export type Taken = { console: number; agent: number; busyAgent: number; busyPrograms: number; busyConsole: number; start: number }

const statusSchema = agentStatusSchema.pick({ generation: true, appliedGeneration: true }).strip()

const idleMs = 20_000

export async function measureSize(appliance: Appliance): Promise<Taken> {
  const [agent, server] = [pidOf(appliance.agent().pid, /agent\.mjs/), pidOf(appliance.console().pid, /next-server|server\.js/)]
  const memory = { console: memoryOf(server), agent: memoryOf(agent) }
  const before = [cpuOf(agent), cpuOf(server)]
  await wait(idleMs)
  const [own, theirs] = [cpuOf(agent), cpuOf(server)].map((now, i) => ({ self: (now.self - (before[i]?.self ?? 0)) / idleMs, programs: (now.programs - (before[i]?.programs ?? 0)) / idleMs }))
  return { ...memory, busyAgent: own?.self ?? Number.NaN, busyPrograms: own?.programs ?? Number.NaN, busyConsole: theirs?.self ?? Number.NaN, start: await restart(appliance) }
}

/** Ends the agent and starts it again; seconds until it has compared everything with the kernel. */
async function restart(appliance: Appliance): Promise<number> {
  await appliance.agent().end('SIGTERM')
  const begun = performance.now()
  await appliance.startAgent()
  const { call } = agentSocket(appliance.socket)
  await until('the agent has looked at everything', async () => {
    // About one farm only: the status of all of them would keep the agent from its work.
    const { generation, appliedGeneration } = statusSchema.parse(JSON.parse((await call('GET', '/v1/status?farm=farm-0')).text))
    return appliedGeneration === generation
  }, 300_000, 50)
  return (performance.now() - begun) / 1000
}

function pidOf(ancestor: number, name: RegExp): number {
  const pid = descendant(ancestor, name)
  if (pid === null) throw new Error(`No process ${name.source} runs.`)
  return pid
}
