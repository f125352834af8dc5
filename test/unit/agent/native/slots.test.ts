import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NftlbFarm, NftlbState } from '#lib/render/nftlb.ts'
import type { Held, Lingering, Owner } from '#agent/engine/native/held.ts'
import type { Id } from '#agent/engine/native/names.ts'
import { shapeOf } from '#agent/engine/native/shape.ts'
import { moveSlots, wantedSlots, type Placed } from '#agent/engine/native/slots.ts'
import { backends, json } from '../json.ts'

const size = 4093
const hosts = (farm: NftlbFarm): Id[] => farm.backends.map(({ name }) => Number(name.slice('b_b'.length)))

/** Slots by the number of the backend: b1 has id 1. */
function slotsOf(farm: NftlbFarm): Uint32Array {
  return wantedSlots(farm, size, (address) => Number(address.split('.').at(-1)) - 20)
}

function farmOf(count: number, states: Record<string, NftlbState> = {}, weights: Record<string, number> = {}): NftlbFarm {
  const farm = json({ scheduler: 'maglev', backends: backends(count) })
  return { ...farm, backends: farm.backends.map((one) => ({ ...one, state: states[one.name.slice(2)] ?? 'up', weight: String(weights[one.name.slice(2)] ?? 1) })) }
}

const stateOf = fc.constantFrom<NftlbState>('up', 'off', 'down')

describe('the owner of each slot', () => {
  it('is who it would be anyway, for every backend that is up, whoever else is not', () => {
    fc.assert(
      fc.property(fc.array(stateOf, { minLength: 1, maxLength: 8 }), (states) => {
        const all = slotsOf(farmOf(states.length))
        const some = slotsOf(farmOf(states.length, Object.fromEntries(states.map((state, i) => [`b${i + 1}`, state]))))
        const up = new Set(states.flatMap((state, i) => (state === 'up' ? [i + 1] : [])))
        all.forEach((owner, slot) => {
          if (up.has(owner)) expect(some[slot]).toBe(owner)
          else expect(up.size > 0 ? up.has(some[slot] ?? 0) : some[slot] === 0).toBe(true)
        })
      }),
      { numRuns: 40 },
    )
  })

  it('spreads the slots of one that leaves over all others by weight', () => {
    const weights = { b1: 1, b2: 1, b3: 2, b4: 4 }
    const [all, left] = [slotsOf(farmOf(4, {}, weights)), slotsOf(farmOf(4, { b1: 'off' }, weights))]
    const heirs = [...left].filter((_, slot) => all[slot] === 1)
    for (const [id, part] of [[2, 1 / 7], [3, 2 / 7], [4, 4 / 7]] as const) expect(heirs.filter((one) => one === id).length / heirs.length).toBeCloseTo(part, 1)
  })

  it('is nobody when no backend is up or has a MAC', () => {
    const farm = farmOf(2)
    expect(new Set(slotsOf({ ...farm, backends: farm.backends.map(({ 'ether-addr': _mac, ...rest }) => rest) }))).toEqual(new Set([0]))
    expect(new Set(slotsOf(farmOf(2, { b1: 'off', b2: 'down' })))).toEqual(new Set([0]))
    expect(new Set(slotsOf({ ...farm, backends: [] }))).toEqual(new Set([0]))
  })
})

/** A farm with three slots as the kernel has it. */
function heldWith(now: Id[], lingering: Array<[number, Lingering]> = [], changes: Partial<NftlbFarm> = {}): Held {
  const farm = { ...farmOf(4), slots: String(now.length) as '4093', ...changes }
  return { farm, shape: shapeOf(farm), id: 99, owners: owners(hosts(farm)), now: Uint32Array.from(now), lingering: new Map(lingering) }
}

function owners(alive: readonly Id[]): Map<Id, Owner> {
  return new Map([1, 2, 3, 4].map((id) => [id, { address: `203.0.113.${20 + id}`, mac: alive.includes(id) ? `52:54:00:00:00:0${id}` : null }]))
}

function move(held: Held, wanted: Id[], { alive = [1, 2, 3, 4], at = 0, ends = (): boolean => false }: { alive?: Id[]; at?: number; ends?: (entry: Lingering) => boolean } = {}): Placed {
  return moveSlots(held, held.shape, Uint32Array.from(wanted), owners(alive), at, ends)
}

const hour = 3_600_000

describe('a slot that gets another owner', () => {
  it('goes into handover with the one before, for the period of the farm', () => {
    const { now, lingering, moves } = move(heldWith([1, 1, 2]), [1, 3, 2], { at: 5000 })
    expect([...now]).toEqual([1, 3, 2])
    expect(lingering).toEqual(new Map([[1, { owner: 1, until: 5000 + hour, mixed: false }]]))
    expect(moves).toEqual({ handed: 1, remapped: 0, ended: 0, opened: 0, closed: 0 })
  })

  it('keeps the oldest owner when it changes again, is mixed from then on, and has its whole period again', () => {
    const first: Lingering = { owner: 1, until: hour, mixed: false }
    expect(move(heldWith([3], [[0, first]]), [4], { at: 1000 }).lingering).toEqual(new Map([[0, { owner: 1, until: 1000 + hour, mixed: true }]]))
    expect(move(heldWith([3], [[0, first]]), [3], { at: 1000 }).lingering).toEqual(new Map([[0, first]]))
  })

  it('stays in handover when it comes back to the oldest owner: connections begun meanwhile are elsewhere', () => {
    const { lingering } = move(heldWith([3], [[0, { owner: 1, until: hour, mixed: false }]]), [1], { at: 1000 })
    expect(lingering).toEqual(new Map([[0, { owner: 1, until: 1000 + hour, mixed: true }]]))
  })

  it('is no handover when nobody had it, or when who had it is gone', () => {
    expect(move(heldWith([0, 2]), [1, 1], { alive: [1, 3, 4] })).toMatchObject({ lingering: new Map(), moves: { opened: 1, ended: 1, handed: 0 } })
  })

  it('is one when nobody gets it, so that open connections stay', () => {
    expect(move(heldWith([1]), [0])).toMatchObject({ lingering: new Map([[0, { owner: 1 }]]), moves: { closed: 1, handed: 1 } })
  })
})

describe('the old owner of a slot in handover', () => {
  it('is replaced when it is gone: the handover is over, unless connections may be with a third', () => {
    const dead = { alive: [2, 3, 4] }
    expect(move(heldWith([3], [[0, { owner: 1, until: hour, mixed: false }]]), [3], dead)).toMatchObject({ lingering: new Map(), moves: { ended: 1 } })
    expect(move(heldWith([3], [[0, { owner: 1, until: hour, mixed: true }]]), [3], dead).lingering).toEqual(new Map([[0, { owner: 3, until: hour, mixed: true }]]))
    expect(move(heldWith([3], [[0, { owner: 1, until: hour, mixed: false }]]), [4], dead).lingering).toEqual(new Map([[0, { owner: 4, until: hour, mixed: true }]]))
  })

  it('leaves when its time is over', () => {
    const held = heldWith([3, 3], [[0, { owner: 1, until: 10, mixed: false }], [1, { owner: 1, until: 30, mixed: true }]])
    expect([...move(held, [3, 3], { at: 20, ends: ({ until }) => until <= 20 }).lingering.keys()]).toEqual([1])
  })
})

describe('without a first packet to tell, or with another hash', () => {
  it('a slot of UDP moves at once', () => {
    expect(move(heldWith([1, 2], [], { protocol: 'udp' }), [2, 2])).toMatchObject({ lingering: new Map(), moves: { remapped: 1, handed: 0 } })
  })

  it('all slots move at once, and as many flows meet another backend as chance has it', () => {
    const held = heldWith([1, 1, 2, 2])
    const { lingering, moves } = moveSlots(held, shapeOf({ ...farmOf(4), slots: '4', seed: '0x00000001' } as never), Uint32Array.from([1, 1, 2, 2]), owners([1, 2]), 0, () => false)
    expect({ lingering, moves }).toEqual({ lingering: new Map(), moves: { handed: 0, remapped: 2, ended: 0, opened: 0, closed: 0 } })
  })

  it('a new farm moves nothing', () => {
    expect(moveSlots(null, shapeOf(farmOf(1)), Uint32Array.from([1, 1]), owners([1]), 0, () => false)).toMatchObject({ lingering: new Map(), moves: { handed: 0, opened: 0 } })
  })
})
