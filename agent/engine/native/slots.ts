import { assign, fillTable, nobody } from '#lib/render/maglev.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { Held, Lingering, Owner } from './held.ts'
import type { Id } from './names.ts'
import { hashesAlike, tellsNew, type Shape } from './shape.ts'

/**
 * How many slots a change touches: `handed` over without breaking anything, `remapped` at once, `ended` with an owner that is
 * gone, `opened` that nobody had, `closed` so that nobody gets new connections.
 */
export type Moves = { handed: number; remapped: number; ended: number; opened: number; closed: number }

export const noMoves: Moves = { handed: 0, remapped: 0, ended: 0, opened: 0, closed: 0 }

export type Placed = { now: Uint32Array; lingering: Map<number, Lingering>; moves: Moves }

/** The owner of every slot for new connections. `idOfBackend` knows the id of each address. */
export function wantedSlots(farm: NftlbFarm, size: number, idOfBackend: (address: string) => Id): Uint32Array {
  const candidates = farm.backends.map((backend) => ({ key: backend['ip-addr'], weight: Number(backend.weight) }))
  const ids = farm.backends.map((backend) => idOfBackend(backend['ip-addr']))
  const parts = farm.backends.map((backend) => (backend.state === 'up' && backend['ether-addr'] !== undefined ? Number(backend.part ?? 100) / 100 : 0))
  const chosen = assign(fillTable(candidates, size), candidates, (index) => parts[index] ?? 0)
  return Uint32Array.from(chosen, (index) => (index === nobody ? 0 : (ids[index] ?? 0)))
}

/**
 * Moves the slots. One that loses an owner who is still there goes into handover, with that owner for the old connections; one
 * already in handover keeps the oldest. Whoever is gone is replaced at once. `owners` are those after the change, `at` is now in
 * ms, and slots for which `ends` answers true leave the handover.
 */
export function moveSlots(held: Held | null, shape: Shape, wanted: Uint32Array, owners: ReadonlyMap<Id, Owner>, at: number, ends: (entry: Lingering) => boolean): Placed {
  const moves: Moves = { ...noMoves }
  const lingering = new Map<number, Lingering>()
  const there = (id: Id): boolean => (owners.get(id)?.mac ?? null) !== null
  const alike = held !== null && hashesAlike(held.shape, shape)
  const hands = alike && tellsNew(shape.kind)
  if (held && !alike) moves.remapped = Math.round(wanted.length * (1 - sameByChance(held.now, wanted)))
  for (let slot = 0; held && alike && slot < wanted.length; slot++) {
    const [before, after] = [held.now[slot] ?? 0, wanted[slot] ?? 0]
    const entry = held.lingering.get(slot)
    if (before !== after) {
      if (after === 0) moves.closed += 1
      if (before === 0) moves.opened += 1
      else if (!there(before)) moves.ended += 1
      else if (hands) moves.handed += 1
      else moves.remapped += 1
    }
    if (!hands) continue
    if (before === after && entry && !there(entry.owner) && (held.owners.get(entry.owner)?.mac ?? null) !== null) moves.ended += 1
    const next = linger(entry, before, after, there, at + shape.period * 1000)
    if (next && !ends(next)) lingering.set(slot, next)
  }
  return { now: wanted, lingering, moves }
}

/** The state of one slot after `before` was replaced by `after` (which may be the same); null when it is not in handover. */
function linger(entry: Lingering | undefined, before: Id, after: Id, there: (id: Id) => boolean, until: number): Lingering | null {
  if (!entry) return before !== after && before !== 0 && there(before) ? { owner: before, until, mixed: false } : null
  const changed = before !== after
  const mixed = entry.mixed || changed
  // The old owner is gone: its connections are over, and who has the slot now answers them with a refusal.
  const owner = there(entry.owner) ? entry.owner : after
  // A shorter period does not take back what was promised before.
  return owner === after && !mixed ? null : { owner, until: changed ? Math.max(until, entry.until) : entry.until, mixed }
}

/** The share of packets that meet the same owner when two tables have nothing to do with each other. */
function sameByChance(before: Uint32Array, after: Uint32Array): number {
  const shares = (slots: Uint32Array): Map<Id, number> => {
    const map = new Map<Id, number>()
    for (const id of slots) map.set(id, (map.get(id) ?? 0) + 1 / slots.length)
    return map
  }
  const next = shares(after)
  return [...shares(before)].reduce((sum, [id, share]) => sum + share * (next.get(id) ?? 0), 0)
}
