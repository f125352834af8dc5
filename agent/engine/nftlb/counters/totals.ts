import type { EngineCounters } from '../../engine.ts'
import type { Kept } from './kept.ts'
import { setsOf, type Cell } from './script.ts'

/** Ethernet header in what the egress hook counts, in bytes. */
const etherHeader = 14

/** The totals of a farm and its backends out of its cells, by set and `number . key`; bytes without the Ethernet header. */
export function totals({ farm, place, cells }: Kept, last: ReadonlyMap<string, ReadonlyMap<string, Cell>>): EngineCounters {
  const { sent, begun } = setsOf(place)
  const total = { packets: 0, bytes: 0, connections: 0 }
  const backends = new Map(farm.backends.map(({ name }) => [name, { name, packets: 0, bytes: 0, connections: 0 }]))
  for (const [id, { owner }] of cells) {
    const { packets = 0, bytes = 0 } = last.get(sent)?.get(id) ?? {}
    const connections = last.get(begun)?.get(id)?.packets ?? 0
    for (const one of [total, backends.get(owner)]) {
      if (!one) continue
      one.packets += packets
      one.bytes += bytes - (place.family === 'netdev' ? packets * etherHeader : 0)
      one.connections += connections
    }
  }
  return { farm: farm.name, ...total, unsent: 0, backends: [...backends.values()] }
}
