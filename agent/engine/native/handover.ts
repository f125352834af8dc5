import type { Handover } from '#lib/domain/status.ts'
import type { Held, Lingering } from './held.ts'
import { readCounted } from './kernel.ts'
import type { Id } from './names.ts'

/** The part of a handover's period for which an old owner must be silent until nobody is taken to use it any more. */
const silentPart = 0.5

/** The old owners of handovers: how much they still got, and since when they get nothing. Times are ms of the monotonic clock. */
export type Quiet = {
  look: (at: number) => Promise<void>
  since: (id: Id) => number | null
  packets: (id: Id) => number
  seen: (id: Id) => boolean
}

/** Follows the counters of old owners. */
export function watchQuiet(): Quiet {
  let known = new Map<Id, { packets: number; since: number; seen: boolean }>()
  return {
    look: async (at) => {
      const now = await readCounted('older')
      known = new Map(
        [...now].map(([id, { count }]) => {
          const before = known.get(id)
          const still = before !== undefined && before.packets === count.packets
          return [id, { packets: count.packets, since: still ? before.since : at, seen: (before?.seen ?? false) || (before !== undefined && !still) || count.packets > 0 }]
        }),
      )
    },
    since: (id) => known.get(id)?.since ?? null,
    packets: (id) => known.get(id)?.packets ?? 0,
    seen: (id) => known.get(id)?.seen ?? false,
  }
}

/**
 * Which slots leave their handover at `at`: those whose time is over, and those whose old owner has been silent for half of the
 * period. A slot that changed more than once waits for its time: its connections may be
 * with others than the old owner.
 */
export function endsBy(at: number, held: Held, quiet: Quiet): (entry: Lingering) => boolean {
  const silence = held.shape.period * 1000 * silentPart
  return ({ owner, until, mixed }) => {
    const since = quiet.since(owner)
    // What is known of an owner may be from a handover before this one.
    const begun = until - held.shape.period * 1000
    return until <= at || (!mixed && since !== null && at - Math.max(since, begun) >= silence)
  }
}

/** A handover in numbers, for people; null when there is none. Old owners that are configured no more have no name. */
export function handoverOf(held: Held | null, quiet: Quiet, at: number): Handover | null {
  if (!held || held.lingering.size === 0) return null
  const entries = [...held.lingering.values()]
  const endOf = (some: readonly Lingering[]): number => Math.max(0, Math.round((Math.min(...some.map(({ until }) => until)) - at) / 1000))
  const owners = [...new Set(entries.map(({ owner }) => owner))].flatMap((id) => {
    const address = held.owners.get(id)?.address
    // Where nobody had the slot, nobody has old connections.
    if (address === undefined) return []
    const since = quiet.since(id)
    return [{
      backend: held.farm?.backends.find((backend) => backend['ip-addr'] === address)?.name ?? null,
      address,
      endsInSeconds: endOf(entries.filter(({ owner }) => owner === id)),
      packets: quiet.packets(id),
      quietSeconds: since !== null && quiet.seen(id) ? Math.round((at - since) / 1000) : null,
    }]
  })
  return { slots: entries.length, of: held.shape.size, endsInSeconds: endOf(entries), owners }
}
