import type { AgentStats } from '#lib/domain/agent-protocol.ts'
import { nftlbBackendName, nftlbFarmName } from '#lib/render/nftlb.ts'
import type { EngineCounters } from './engine/engine.ts'

/** A farm as far as its counters are concerned: the names that its owner gave. */
type Named = { name: string; backends: ReadonlyArray<{ name: string }> }

/** Puts what the engines counted under the farms' own names. What belongs to no present farm or backend is left out; a farm's totals still hold it. */
export function statsOf(counters: readonly EngineCounters[], farms: readonly Named[], at: Date): AgentStats {
  const byFarm = new Map(counters.map((one) => [one.farm, one]))
  return {
    at: at.toISOString(),
    farms: farms.flatMap(({ name, backends }) => {
      const counted = byFarm.get(nftlbFarmName(name))
      if (!counted) return []
      const { packets, bytes, connections, unsent } = counted
      const byBackend = new Map(counted.backends.map((one) => [one.name, one]))
      return [{ name, packets, bytes, connections, unsent, backends: backends.flatMap((backend) => renamed(byBackend.get(nftlbBackendName(backend.name)), backend.name)) }]
    }),
  }
}

function renamed<T extends { name: string }>(counted: T | undefined, name: string): T[] {
  return counted ? [{ ...counted, name }] : []
}

/** Reads once for everybody who asks while it reads and until `ms` milliseconds after. A reading that failed is answered like any other. */
export function sharedFor<T>(ms: number, read: () => Promise<T>, now: () => number = () => performance.now()): () => Promise<T> {
  let value: Promise<T> | null = null
  let until = 0
  return () => {
    if (value && now() < until) return value
    const reading = read()
    const settle = (): void => {
      until = now() + ms
    }
    value = reading
    until = Infinity
    reading.then(settle, settle)
    return reading
  }
}
