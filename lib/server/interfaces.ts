import { agentInterfacesSchema } from '#lib/domain/agent-protocol.ts'
import type { Interface } from '#lib/domain/interface.ts'
import { askAgent } from './agent.ts'
import { singleton } from './singleton.ts'

type Cache = { until: number; value: Promise<Interface[] | null> }

const freshFor = 2000

/** The appliance's interfaces, at most 2 seconds old; null while the agent is away. */
export function interfacesNow(): Promise<Interface[] | null> {
  const cache = singleton<Cache>('interfaces', () => ({ until: 0, value: Promise.resolve(null) }))
  // The monotonic clock: one that jumps must not keep an old answer.
  const now = performance.now()
  if (now >= cache.until) {
    cache.until = now + freshFor
    cache.value = load()
  }
  return cache.value
}

async function load(): Promise<Interface[] | null> {
  const result = await askAgent('GET', '/v1/interfaces', agentInterfacesSchema, 1000)
  return result.ok ? result.value.interfaces : null
}
