import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chainsOf, commit, converge, inHandover, olds, settled, youngs } from '#agent/engine/native/converge.ts'
import { deviceChains, sharedChains } from '#agent/engine/native/device-rules.ts'
import { afterMap, beforeMap, slotMap, youngMap } from '#agent/engine/native/farm-rules.ts'
import { emptyMirror, type Held, type Mirror } from '#agent/engine/native/held.ts'
import { countingSets, dispatchMaps } from '#agent/engine/native/names.ts'
import { digestOf } from '#agent/engine/native/rule-line.ts'
import { backends, json } from '../json.ts'
import { edits, farmNamed, type Edit } from './edits.ts'
import { nftModel, type NftModel } from './nft-model.ts'

/** Carries out an edit in the model and in the mirror, as the engine does it. */
function perform(model: NftModel, mirror: Mirror, { name, farm, ends }: Edit, at: number): void {
  const { script, next } = converge(mirror, name, farm, at, ({ until }) => ends && until <= at)
  model.run(script)
  if (script !== '') commit(mirror, name, next, farm?.['ether-addr'] ?? null)
  else if (next) mirror.farms.set(name, next)
}

/** Everything that the kernel must have by the mirror: chains with their rules, and maps and sets with their elements. */
function wanted(mirror: Mirror): { chains: Record<string, string[]>; tables: Record<string, Record<string, string>> } {
  if (!mirror.exists) return { chains: {}, tables: {} }
  const farms = [...mirror.farms.values()]
  const chains = [...sharedChains, ...[...mirror.devices].flatMap(([iface, own]) => [...deviceChains(iface, own)]), ...farms.flatMap((held) => [...chainsOf(held)])]
  const owners = farms.flatMap((held) => [...held.owners])
  const ids = (list: Array<[number, unknown]>): Record<string, string> => Object.fromEntries(list.map(([id]) => [id, '']))
  const shared = {
    macs: Object.fromEntries(owners.flatMap(([id, owner]) => (owner.mac === null ? [] : [[id, owner.mac]]))),
    sent: ids(owners),
    connections: ids(owners),
    unsent: ids(farms.map(({ id }) => [id, null])),
    older: ids(farms.flatMap(({ lingering }) => [...lingering.values()].filter(({ owner }) => owner !== 0).map(({ owner }): [number, null] => [owner, null]))),
    fragments: {},
    ...Object.fromEntries(dispatchMaps.map((map) => [map, Object.fromEntries([...mirror.dispatch.values()].filter((entry) => entry.map === map).map(({ key, chain }) => [key, `goto ${chain}`]))])),
  }
  return {
    chains: Object.fromEntries(chains.map(([chain, rules]) => [chain, rules.map((rule) => `${rule} comment "${digestOf(rule)}"`)])),
    tables: { ...shared, ...Object.fromEntries(farms.flatMap(tablesOf)) },
  }
}

function tablesOf(held: Held): Array<[string, Record<string, string>]> {
  const text = (map: ReadonlyMap<number, number>): Record<string, string> => Object.fromEntries([...map].map(([slot, id]) => [slot, String(id)]))
  const { name } = held.shape
  const handover: Array<[string, Record<string, string>]> = [[beforeMap(name), text(olds(held))], [afterMap(name), text(youngs(held))], [youngMap(name), {}]]
  return [[slotMap(name), text(settled(held))], ...(inHandover(held) ? handover : [])]
}

function present(model: NftModel): ReturnType<typeof wanted> {
  return {
    chains: Object.fromEntries([...model.chains()].map(([chain, rules]) => [chain, [...rules]])),
    tables: Object.fromEntries(model.names().map((name) => [name, Object.fromEntries(model.elements(name) ?? [])])),
  }
}

/** Runs random edits and looks at everything after each of them. */
function afterEach(look: (model: NftModel, mirror: Mirror, edit: Edit) => void): void {
  fc.assert(
    fc.property(edits, (list) => {
      const [model, mirror] = [nftModel(), emptyMirror()]
      let at = 0
      for (const edit of list) {
        at += edit.laterMs
        perform(model, mirror, edit, at)
        look(model, mirror, edit)
      }
    }),
    { numRuns: 60 },
  )
}

describe('the transactions of the native engine', () => {
  it('leave the kernel with exactly what the mirror says, after any edits in any order, and are never refused', () => {
    afterEach((model, mirror) => expect(present(model)).toEqual(wanted(mirror)))
  })

  it('are empty for a farm that is as it was', () => {
    afterEach((_, mirror, { name, farm }) => expect(converge(mirror, name, farm, 0).script).toBe(''))
  })

  it('leave nothing but the empty skeleton and the interfaces when the last farm goes', () => {
    afterEach((model, mirror) => {
      const [last, copy] = [nftModel(), { ...mirror, farms: new Map(mirror.farms), dispatch: new Map(mirror.dispatch), ids: new Map(mirror.ids) }]
      last.run(rebuilt(model))
      for (const name of mirror.farms.keys()) perform(last, copy, { name, farm: null, laterMs: 0, ends: false }, 0)
      expect(copy.dispatch.size + copy.ids.size).toBe(0)
      for (const set of [...countingSets, 'macs', ...dispatchMaps]) expect(last.elements(set)?.size ?? 0).toBe(0)
      expect([...last.chains().keys()].filter((chain) => chain.startsWith('f_'))).toEqual([])
      expect(last.names().filter((name) => name.startsWith('f_'))).toEqual([])
    })
  })

  it('have every slot in the slot map or in the handover, and never in both', () => {
    afterEach((model, mirror) => {
      for (const held of mirror.farms.values()) {
        const { name, size } = held.shape
        const slots = model.elements(slotMap(name)) ?? new Map<string, string>()
        const [before, after] = [model.elements(beforeMap(name)), model.elements(afterMap(name))]
        expect([...(before ?? new Map<string, string>()).keys()].filter((slot) => slots.has(slot))).toEqual([])
        expect([...(before ?? new Map<string, string>()).keys()].sort()).toEqual([...(after ?? new Map<string, string>()).keys()].sort())
        const anyone = held.farm?.backends.some((backend) => backend.state === 'up' && backend['ether-addr'] !== undefined) ?? false
        if (anyone) expect(slots.size + (before?.size ?? 0)).toBe(size)
      }
    })
  })
})

/** A script that makes what a model has, so that it can be gone on with separately. */
function rebuilt(model: NftModel): string {
  const chains = [...model.chains()]
  return [
    ...model.names().map((name) => `add map netdev tangent ${name} { }`),
    ...chains.map(([chain]) => `add chain netdev tangent ${chain}`),
    ...chains.flatMap(([chain, rules]) => rules.map((rule) => `add rule netdev tangent ${chain} ${rule}`)),
    ...model.names().flatMap((name) => [...(model.elements(name) ?? [])].map(([key, value]) => `add element netdev tangent ${name} { ${key}${value === '' ? '' : ` : ${value}`} }`)),
  ].join('\n')
}

describe('two farms that lose all their backends in a handover', () => {
  it('end it one after the other', () => {
    const [model, mirror] = [nftModel(), emptyMirror()]
    const put = (name: string, states: Array<'up' | 'off' | 'down'>, laterMs: number): void => {
      const farm = json({ name, scheduler: 'maglev', vip: name === 'web' ? '203.0.113.100' : '203.0.113.101', backends: backends(2) })
      perform(model, mirror, { name: `f_${name}`, farm: { ...farm, backends: farm.backends.map((backend, index) => ({ ...backend, state: states[index] ?? 'up' })) }, laterMs, ends: true }, laterMs)
    }
    for (const name of ['web', 'mail']) {
      put(name, ['up', 'up'], 0)
      put(name, ['off', 'up'], 0)
      put(name, ['down', 'down'], 0)
      expect(mirror.farms.get(`f_${name}`)?.lingering.size).toBeGreaterThan(0)
    }
    for (const name of ['web', 'mail']) {
      put(name, ['down', 'down'], 4_000_000)
      expect(mirror.farms.get(`f_${name}`)?.lingering.size).toBe(0)
    }
    expect(present(model)).toEqual(wanted(mirror))
  })
})

describe('keys that move from one farm to another', () => {
  it('are given away and taken in one transaction, and the former farm does not delete them later', () => {
    const [model, mirror] = [nftModel(), emptyMirror()]
    const edit = (name: string, ports: string[] | null): Edit => ({ name: `f_${name}`, farm: ports && json({ name, scheduler: 'maglev', ports }), laterMs: 0, ends: false })
    perform(model, mirror, edit('web', ['80', '443']), 0)
    perform(model, mirror, edit('mail', ['443']), 0)
    expect(model.elements('ports4')?.get('tcp . 203.0.113.7 . 443')).toBe('goto f_mail')
    perform(model, mirror, edit('web', ['80']), 0)
    expect(Object.fromEntries(model.elements('ports4') ?? [])).toEqual({ 'tcp . 203.0.113.7 . 80': 'goto f_web', 'tcp . 203.0.113.7 . 443': 'goto f_mail' })
    perform(model, mirror, edit('web', null), 0)
    expect(Object.fromEntries(model.elements('ports4') ?? [])).toEqual({ 'tcp . 203.0.113.7 . 443': 'goto f_mail' })
  })
})

describe('a change that does not touch the hash', () => {
  it('never empties the slot map: only the slots that move are in the script', () => {
    fc.assert(
      fc.property(farmNamed('web', { slots: '4093', protocol: 'tcp', 'sched-param': 'srcip srcport' }), farmNamed('web', { slots: '4093', protocol: 'tcp', 'sched-param': 'srcip srcport' }), (before, after) => {
        const mirror = emptyMirror()
        commit(mirror, 'f_web', converge(mirror, 'f_web', before, 0).next, before['ether-addr'] ?? null)
        const { script, moves } = converge(mirror, 'f_web', after, 0)
        const added = /^add element netdev tangent f_web \{ (.*) \}$/m.exec(script)?.[1]?.split(', ').length ?? 0
        const removed = /^delete element netdev tangent f_web \{ (.*) \}$/m.exec(script)?.[1]?.split(', ').length ?? 0
        expect(added).toBeLessThanOrEqual(moves.ended + moves.opened + moves.remapped)
        expect(removed).toBeLessThanOrEqual(moves.handed + moves.ended + moves.remapped + moves.closed)
        expect(script).not.toMatch(/^(delete|flush) map/m)
      }),
      { numRuns: 100 },
    )
  })
})
