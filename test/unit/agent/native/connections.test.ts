import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { commit, converge, olds, settled, youngs } from '#agent/engine/native/converge.ts'
import { emptyMirror, type Held, type Mirror } from '#agent/engine/native/held.ts'
import type { Id } from '#agent/engine/native/names.ts'
import { farmNamed, fewSlots } from './edits.ts'

/** A connection: its slot, with whom it began, and whether the kernel remembers that it began in a handover. */
type Connection = { slot: number; owner: Id; address: string; young: boolean }

const farms = farmNamed('web', { slots: String(fewSlots) as '4093', protocol: 'tcp', 'sched-param': 'srcip srcport', iface: 'eth0', oface: 'eth0' })

/** Where the rules of a farm send the next packet of a connection; null when nobody gets it. */
function wayOf(held: Held, { slot, owner, young }: Connection): Id | null {
  const id = settled(held).get(slot) ?? (young ? owner : (olds(held).get(slot) ?? null))
  return id !== null && held.owners.get(id)?.mac ? id : null
}

/** The first packet of a connection: to the owner for new ones, which is remembered while the slot is in handover. */
function begin(held: Held, slot: number): Connection | null {
  const young = held.lingering.has(slot)
  const owner = (young ? youngs(held) : settled(held)).get(slot) ?? 0
  const known = held.owners.get(owner)
  return known?.mac ? { slot, owner, address: known.address, young } : null
}

function change(mirror: Mirror, farm: NftlbFarm, at: number, ends: boolean): Held {
  const { script, next } = converge(mirror, farm.name, farm, at, ({ until }) => ends && until <= at)
  if (!next) throw new Error('the farm is gone')
  if (script !== '') commit(mirror, farm.name, next, farm['ether-addr'] ?? null)
  else mirror.farms.set(farm.name, next)
  return next
}

it('no connection of a backend that stays breaks, whatever else changes and however changes overlap', () => {
  let kept = 0
  fc.assert(
    fc.property(fc.array(farms, { minLength: 2, maxLength: 12 }), (versions) => {
      const mirror = emptyMirror()
      let open: Connection[] = []
      versions.forEach((farm, index) => {
        const held = change(mirror, farm, index * 1000, false)
        // The connections of a backend that is out or without a MAC have ended, and stay so; those of one that is configured no more have not.
        const out = new Set(farm.backends.flatMap((backend) => (backend.state === 'down' || !backend['ether-addr'] ? [backend['ip-addr']] : [])))
        open = open.filter(({ address }) => !out.has(address))
        // Without a handover nothing is remembered any more.
        if (held.lingering.size === 0) open.forEach((one) => (one.young = false))
        expect(open.filter((one) => wayOf(held, one) !== one.owner)).toEqual([])
        kept += open.length
        open.push(...Array.from({ length: fewSlots }, (_, slot) => begin(held, slot)).filter((one) => one !== null))
      })
    }),
    { numRuns: 150 },
  )
  expect(kept).toBeGreaterThan(10_000)
})

it('when a handover is over, connections begun since the last change stay', () => {
  fc.assert(
    fc.property(fc.array(farms, { minLength: 2, maxLength: 8 }), (versions) => {
      const mirror = emptyMirror()
      versions.forEach((farm, index) => void change(mirror, farm, index * 1000, false))
      const last = versions.at(-1)
      const held = mirror.farms.get('f_web')
      if (!last || !held) throw new Error('the farm is gone')
      const begun = Array.from({ length: fewSlots }, (_, slot) => begin(held, slot)).filter((one) => one !== null)
      const after = change(mirror, last, 1e9, true)
      expect(after.lingering.size).toBe(0)
      expect(begun.filter((one) => wayOf(after, { ...one, young: false }) !== one.owner)).toEqual([])
    }),
    { numRuns: 100 },
  )
})
