import { agentHealthSchema } from '#lib/domain/agent-protocol.ts'
import type { FarmHealth } from '#lib/domain/replies.ts'
import { askAgent } from './agent.ts'
import { getFarm } from './farms.ts'

const patience = 3000

/** What the probes found lately of each backend of a farm; nothing while the agent is away. Refuses when there is no such farm. */
export async function farmHealth(name: string): Promise<FarmHealth> {
  const { farm } = await getFarm(name)
  const result = await askAgent('GET', `/v1/health?farm=${encodeURIComponent(name)}`, agentHealthSchema, patience)
  const known = new Map(result.ok ? result.value.backends.map((backend) => [backend.name, backend]) : [])
  return { name, backends: farm.backends.map((backend) => known.get(backend.name) ?? { name: backend.name, health: null, probes: [] }) }
}
