import type { EngineCounters } from '../engine.ts'
import type { Held, Mirror } from './held.ts'
import { readCounted, type Count, type Counted } from './kernel.ts'
import type { Id } from './names.ts'

export type Totals = { packets: number; bytes: number; connections: number }

/** What the kernel has counted, by owner. */
export type Readings = { sent: ReadonlyMap<Id, Counted>; connections: ReadonlyMap<Id, Counted>; unsent: ReadonlyMap<Id, Counted> }

/** Reads all counters: three listings, however many farms there are. */
export async function readCounters(): Promise<Readings> {
  const [sent, connections, unsent] = [await readCounted('sent'), await readCounted('connections'), await readCounted('unsent')]
  return { sent, connections, unsent }
}

/** The totals of every farm. `retired` is what backends had that were removed since. */
export function countersOf(mirror: Mirror, readings: Readings, retired: ReadonlyMap<string, Totals>): EngineCounters[] {
  return [...mirror.farms].map(([name, held]) => {
    const byAddress = new Map([...held.owners].map(([id, { address }]) => [address, totalsOf(readings, id)]))
    const backends = (held.farm?.backends ?? []).map((backend) => ({ name: backend.name, ...(byAddress.get(backend['ip-addr']) ?? none) }))
    const all = [...byAddress.values(), retired.get(name) ?? none].reduce(add, none)
    return { farm: name, ...all, unsent: packetsOf(readings.unsent, held.id), backends }
  })
}

/** What the owners that a change drops have counted, to be kept for the farm's total. */
export function retiring(before: Held, after: Held | null, readings: Readings): Totals {
  return [...before.owners.keys()].filter((id) => !after?.owners.has(id)).map((id) => totalsOf(readings, id)).reduce(add, none)
}

export const none: Totals = { packets: 0, bytes: 0, connections: 0 }

export function add(a: Totals, b: Totals): Totals {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes, connections: a.connections + b.connections }
}

function totalsOf({ sent, connections }: Readings, id: Id): Totals {
  const { packets, bytes }: Count = sent.get(id)?.count ?? { packets: 0, bytes: 0 }
  return { packets, bytes, connections: packetsOf(connections, id) }
}

function packetsOf(set: ReadonlyMap<Id, Counted>, id: Id): number {
  return set.get(id)?.count.packets ?? 0
}
