import { describe, expect, it } from 'vitest'
import { endsBy, type Quiet } from '#agent/engine/native/handover.ts'
import { commit, converge } from '#agent/engine/native/converge.ts'
import { emptyMirror, type Held } from '#agent/engine/native/held.ts'
import { backends, json } from '../json.ts'

const hour = 3_600_000
const half = hour / 2

/** A farm that got a second backend at `at`, so that the first one has old connections. */
function handedOver(at: number): Held {
  const mirror = emptyMirror()
  for (const count of [1, 2]) commit(mirror, 'f_web', converge(mirror, 'f_web', json({ name: 'web', scheduler: 'maglev', handoverPeriod: 3600, backends: backends(count) }), at).next, null)
  const held = mirror.farms.get('f_web')
  if (!held) throw new Error('there is no farm')
  return held
}

/** Every owner was last heard at `since`. */
const silentSince = (since: number): Quiet => ({ look: async () => undefined, since: () => since, packets: () => 0, seen: () => false })

/** Slots that leave their handover at `at`, and all that are in it. */
function leaving(held: Held, since: number, at: number): [number, number] {
  const ends = endsBy(at, held, silentSince(since))
  return [[...held.lingering.values()].filter(ends).length, held.lingering.size]
}

describe('a slot in handover', () => {
  it('leaves it when the old owner was silent for half of the period, or when its time is over', () => {
    const [held, all] = [handedOver(0), handedOver(0).lingering.size]
    expect(all).toBeGreaterThan(0)
    expect(leaving(held, 0, half - 1)).toEqual([0, all])
    expect(leaving(held, 0, half)).toEqual([all, all])
    expect(leaving(held, hour - 1, hour)).toEqual([all, all])
  })

  it('waits for a silence of its own, however long the old owner was silent in a handover before', () => {
    const [held, all] = [handedOver(2 * hour), handedOver(2 * hour).lingering.size]
    expect(leaving(held, 0, 2 * hour + half - 1)).toEqual([0, all])
    expect(leaving(held, 0, 2 * hour + half)).toEqual([all, all])
  })
})

describe('a change within a handover', () => {
  it('with a shorter period does not take back the time that was promised before', () => {
    const held = handedOver(0)
    const mirror = emptyMirror()
    commit(mirror, 'f_web', held, null)
    const shorter = json({ name: 'web', scheduler: 'maglev', handoverPeriod: 60, backends: backends(3) })
    const { next } = converge(mirror, 'f_web', shorter, 1000)
    const kept = [...(next?.lingering ?? [])].filter(([slot]) => held.lingering.has(slot))
    expect(kept.length).toBe(held.lingering.size)
    expect(kept.filter(([, { until }]) => until < hour)).toEqual([])
  })
})
