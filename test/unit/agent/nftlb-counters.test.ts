import { describe, expect, it } from 'vitest'
import { installation, isSound } from '#agent/engine/nftlb/counters/install.ts'
import { advance, folded, frozenCells, isCluttered, renumber, takeOver, type Kept } from '#agent/engine/nftlb/counters/kept.ts'
import { entriesOf, targetsOf } from '#agent/engine/nftlb/counters/place.ts'
import { parseListing, type Listing } from '#agent/engine/nftlb/counters/reading.ts'
import { chainOf, commentsOf, hookOf, type Cell } from '#agent/engine/nftlb/counters/script.ts'
import { totals } from '#agent/engine/nftlb/counters/totals.ts'
import { transition } from '#agent/engine/nftlb/counters/transition.ts'
import { backends, json } from './json.ts'

const numbers = (): (() => number) => {
  let last = 0
  return () => (last += 1)
}
const farmCell = (kept: Kept, owner: string): string[] => [...kept.cells].filter(([, cell]) => cell.owner === owner).map(([id]) => id)

/** What the kernel would list after the installation of these farms, with the counters given by `number . key`. */
function listingOf(farms: Kept[], counters: Record<string, number> = {}): Listing {
  const cells = new Map<string, Cell>(farms.flatMap(({ cells: own }) => [...own].map(([id, cell]) => [id, { ...cell, packets: counters[id] ?? 0, bytes: (counters[id] ?? 0) * 114 }] as const)))
  const chains = farms.flatMap(({ farm, number }) => [hookOf(farm), chainOf(farm, number)])
  const maps = new Map<string, Map<string, string>>()
  for (const { farm } of farms) for (const { map, key } of entriesOf(farm)) maps.set(map, new Map([...(maps.get(map) ?? []), [key, farm.name]]))
  return { sets: new Map([['sent', cells], ['begun', cells]]), chains: new Map(chains.map((chain) => [chain.name, commentsOf(chain)])), maps }
}

describe('where packets of a farm are counted', () => {
  it('is one entry for each port or range, and one for each protocol when there are no ports', () => {
    expect(entriesOf(json({ ports: ['80', '8000-9000'] }))).toEqual([{ map: 'ports4', key: 'tcp . 203.0.113.7 . 80' }, { map: 'ranges4', key: 'tcp . 203.0.113.7 . 8000-9000' }])
    expect(entriesOf(json({ ports: [], protocol: 'all' })).map(({ map, key }) => `${map} ${key}`)).toEqual(['addresses4 tcp . 203.0.113.7', 'addresses4 udp . 203.0.113.7', 'addresses4 sctp . 203.0.113.7'])
  })

  it('is the address of the backend after stateless DNAT, which has replaced the VIP', () => {
    expect(entriesOf(json({ mode: 'stateless-dnat', ports: ['80'], backends: backends(2) })).map(({ key }) => key)).toEqual(['tcp . 203.0.113.21 . 80', 'tcp . 203.0.113.22 . 80'])
  })

  it('tells backends apart by MAC address, and by address and port behind connection tracking', () => {
    expect([...targetsOf(json({ backends: backends(1) }))]).toEqual([['52:54:00:00:00:21', 'b_b1']])
    expect([...targetsOf(json({ mode: 'snat', backends: backends(1, { b1: { port: 8080 } }) }))]).toEqual([['203.0.113.21 . 8080', 'b_b1']])
    expect([...targetsOf(json({ mode: 'snat', backends: backends(1) }))]).toEqual([['203.0.113.21 . 0', 'b_b1']])
  })
})

describe('cells of a farm', () => {
  const before = advance(null, json({ backends: backends(2) }), numbers())

  it('stay when a backend leaves, and go on when it comes back', () => {
    const alone = advance(before, json({ backends: backends(1) }), numbers())
    expect(alone.number).toBe(before.number)
    expect([...alone.cells.keys()]).toEqual([...before.cells.keys()])
    expect([...advance(alone, before.farm, numbers()).cells.keys()]).toEqual([...before.cells.keys()])
  })

  it('are joined by one more when a backend gets another MAC address', () => {
    const moved = advance(before, json({ backends: backends(2, { b1: { mac: '52:54:00:00:00:99' } }) }), numbers())
    expect(moved.number).toBe(before.number)
    expect(farmCell(moved, 'b_b1')).toEqual(['1 . 52:54:00:00:00:21', '1 . 52:54:00:00:00:99'])
  })

  it('are frozen, and begun anew under another number, when a MAC address goes to another backend', () => {
    const renamed = advance(before, json({ backends: [{ name: 'new', address: '203.0.113.21' }, { name: 'b2', address: '203.0.113.22' }] }), () => 7)
    expect(renamed.number).toBe(7)
    expect(farmCell(renamed, 'b_new')).toEqual(['7 . 52:54:00:00:00:21'])
    expect(farmCell(renamed, 'b_b2')).toEqual(['1 . 52:54:00:00:00:22', '7 . 52:54:00:00:00:22'])
    expect(frozenCells(renamed).every(({ number }) => number === 1)).toBe(true)
  })

  it('are added up without losing a packet when many belong to nobody any more', () => {
    const fresh = numbers()
    let kept: Kept | null = null
    for (let i = 1; i <= 60; i++) kept = advance(kept, json({ backends: [{ name: `b${i}`, address: `203.0.113.${20 + i}` }] }), fresh)
    if (!kept) throw new Error('no farm')
    expect(isCluttered(kept)).toBe(true)
    const next = renumber(kept, fresh)
    const frozen = frozenCells(next).map((cell, index) => ({ ...cell, packets: index, bytes: 100 * index }))
    const sums = folded(next, fresh(), frozen)
    expect(sums.map(({ owner }) => owner)).toEqual(['f_web', 'b_b60'])
    expect(sums.reduce((sum, { packets }) => sum + packets, 0)).toBe((60 * 61) / 2)
    expect(sums[1]).toMatchObject({ packets: 60, bytes: 6000 })
  })
})

describe('the table of the counters', () => {
  const web = advance(null, json({ backends: backends(2) }), () => 5)

  it('is right when it has exactly what the farms need', () => {
    expect(isSound('netdev', [web], listingOf([web]))).toBe(true)
    expect(isSound('netdev', [], null)).toBe(true)
  })

  it.each<[string, (listing: Listing) => void]>([
    ['a cell is gone', (listing) => listing.sets.get('begun')?.delete('5 . 52:54:00:00:00:21')],
    ['a rule is changed', (listing) => listing.chains.set('f_web', ['', ''])],
    ['a rule is gone', (listing) => listing.chains.get('f_web')?.pop()],
    ['a hook is gone', (listing) => listing.chains.delete('out-eth0')],
    ['the way to a farm is gone', (listing) => listing.maps.get('ports4')?.clear()],
    ['a chain of a farm that is gone is still there', (listing) => listing.chains.set('f_old', [])],
  ])('is put right when %s', (_, damage) => {
    const listing = listingOf([web])
    // Both sets share one map in the listing above.
    listing.sets.set('begun', new Map(listing.sets.get('begun')))
    damage(listing)
    expect(isSound('netdev', [web], listing)).toBe(false)
  })

  it('gets back what is missing with the last known totals, and nothing that is there is touched', () => {
    const listing = listingOf([web], { '5 . 52:54:00:00:00:22': 8 })
    listing.sets.get('sent')?.delete('5 . 52:54:00:00:00:21')
    const known: Cell = { number: 5, key: '52:54:00:00:00:21', owner: 'b_b1', packets: 3, bytes: 342 }
    const lines = installation('netdev', [web], listing, (_, id) => (id === '5 . 52:54:00:00:00:21' ? known : undefined))
    expect(lines.filter((line) => / element \S+ \S+ sent /.test(line))).toEqual(['add element netdev tangent-counters sent { 5 . 52:54:00:00:00:21 counter packets 3 bytes 342 comment "b_b1" }'])
  })

  it('is taken over from an earlier agent under the number that its rules carry', () => {
    const folding: Kept = { ...web, cells: new Map([...web.cells, ['9 . 00:00:00:00:00:00', { number: 9, key: '00:00:00:00:00:00', owner: 'f_web' }]]) }
    expect(takeOver([web.farm], new Map([['netdev', listingOf([folding])]]))).toEqual({ kept: [folding], highest: 9 })
  })
})

describe('a change of a farm', () => {
  const two = advance(null, json({ ports: ['80', '8000-8010'], backends: backends(2) }), () => 5)
  const to = (changes: Parameters<typeof json>[0]): ReturnType<typeof transition> => transition(two, advance(two, json({ ports: ['80', '8000-8010'], backends: backends(2), ...changes }), () => 6))

  it('of weights and states costs nothing', () => {
    expect(to({ backends: backends(2, { b1: { weight: 9 }, b2: { adminState: 'draining' } }) })).toEqual({ lines: [], stale: [] })
  })

  it('that adds a backend adds its two cells and nothing else', () => {
    const { lines, stale } = to({ backends: backends(3) })
    expect(lines).toEqual(['sent', 'begun'].map((set) => `add element netdev tangent-counters ${set} { 5 . 52:54:00:00:00:23 counter packets 0 bytes 0 comment "b_b3" }`))
    expect(stale).toEqual([])
  })

  it('leaves the old ports counted for as long as packets may use them; of ranges only those that are in the way go at once', () => {
    expect(to({ ports: ['81', '8005-8020'] })).toEqual({
      lines: [
        'delete element netdev tangent-counters ranges4 { tcp . 203.0.113.7 . 8000-8010 }',
        'add element netdev tangent-counters ports4 { tcp . 203.0.113.7 . 81 : goto f_web }',
        'add element netdev tangent-counters ranges4 { tcp . 203.0.113.7 . 8005-8020 : goto f_web }',
      ],
      stale: [{ map: 'ports4', key: 'tcp . 203.0.113.7 . 80' }],
    })
  })
})

describe('totals', () => {
  it('of a farm hold those of removed backends, in bytes of IP packets', () => {
    const two = advance(null, json({ backends: backends(2) }), () => 5)
    const one = advance(two, json({ backends: backends(1) }), () => 6)
    const { sets } = listingOf([two], { '5 . 52:54:00:00:00:21': 10, '5 . 52:54:00:00:00:22': 4 })
    expect(totals(one, sets)).toEqual({ farm: 'f_web', packets: 14, bytes: 1400, connections: 14, unsent: 0, backends: [{ name: 'b_b1', packets: 10, bytes: 1000, connections: 10 }] })
  })
})

it('a listing of nft is read with its ranges, counters and comments', () => {
  const text = JSON.stringify({
    nftables: [
      { set: { family: 'netdev', name: 'sent', table: 'tangent-counters', elem: [{ elem: { val: { concat: [5, '02:00:00:00:00:11'] }, comment: 'b_web1', counter: { packets: 5, bytes: 7 } } }] } },
      { map: { family: 'netdev', name: 'ranges4', table: 'tangent-counters', map: 'verdict', elem: [[{ concat: ['tcp', '10.0.0.1', { range: [80, 90] }] }, { goto: { target: 'f_a' } }]] } },
      { chain: { family: 'netdev', table: 'tangent-counters', name: 'f_a' } },
      { rule: { family: 'netdev', table: 'tangent-counters', chain: 'f_a', comment: '5 abc', expr: [] } },
    ],
  })
  const listing = parseListing(text)
  expect(listing.sets.get('sent')?.get('5 . 02:00:00:00:00:11')).toEqual({ number: 5, key: '02:00:00:00:00:11', owner: 'b_web1', packets: 5, bytes: 7 })
  expect(listing.maps.get('ranges4')?.get('tcp . 10.0.0.1 . 80-90')).toBe('f_a')
  expect(listing.chains.get('f_a')).toEqual(['5 abc'])
})
