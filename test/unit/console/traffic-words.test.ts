import { describe, expect, it, test } from 'vitest'
import { sharesOf } from '#components/backends/share.ts'
import { handoverTitle, ownerText, sortedOwners } from '#components/farms/handover-words.ts'
import { metricsOf } from '#components/traffic/metrics.ts'
import { durationText, percentText, siText, unitText } from '#components/traffic/units.ts'
import { unsentLately } from '#components/traffic/unsent.ts'
import type { FarmStats } from '#lib/domain/stats.ts'
import { foldStatus, type Handover } from '#lib/domain/status.ts'
import { farm } from '#test/unit/domain/farms.ts'
import { observation } from '#test/unit/domain/samples.ts'

/** Without the spaces that keep a number and its unit on one line. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ')

test.each([
  [0, '0'],
  [0.2, '0.2'],
  [14.25, '14.3'],
  [99.96, '100'],
  [410.4, '410'],
  [999.4, '999'],
  [999.6, '1.00 k'],
  [1240, '1.24 k'],
  [9996, '10.0 k'],
  [12_400, '12.4 k'],
  [99_960, '100 k'],
  [999_600, '1.00 M'],
  [7_302_517, '7.30 M'],
  [9.2e15, '9.20 P'],
])('%d is written %s', (value, text) => {
  expect(plain(siText(value))).toBe(text)
})

test('units are those of engineers: the prefix belongs to bits and bytes, and to the number of packets', () => {
  expect([unitText(9_920_000, 'bit/s'), unitText(410, 'bit/s'), unitText(3_400_000_000, 'B'), unitText(12_400, 'packets/s'), unitText(1.4, 'connections/s'), unitText(1, 'packets/s'), unitText(1, 'bit/s')].map(plain)).toEqual(['9.92 Mbit/s', '410 bit/s', '3.40 GB', '12.4 k packets/s', '1.4 connections/s', '1 packet/s', '1 bit/s'])
})

test.each([
  [-1, '0 s'],
  [45, '45 s'],
  [3480, '58 min'],
  [3600, '1 h'],
  [4800, '1 h 20 min'],
  [86_399, '24 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(plain(durationText(seconds))).toBe(text)
})

test('a part is a percentage, and nothing of nothing is not known', () => {
  expect([percentText(1, 3), percentText(1, 1000), percentText(0, 5), percentText(0, 0)].map((text) => text && plain(text))).toEqual(['33 %', '< 1 %', '0 %', null])
})

describe('a handover in words', () => {
  const handover: Handover = { slots: 410, of: 4093, endsInSeconds: 3480, owners: [{ backend: null, address: '203.0.113.29', endsInSeconds: 3480, packets: 1, quietSeconds: 70 }, { backend: 'web10', address: '203.0.113.30', endsInSeconds: 3480, packets: 0, quietSeconds: null }, { backend: 'web3', address: '203.0.113.23', endsInSeconds: 50, packets: 12_400, quietSeconds: 8 }] }

  it('says how much of the table is under way', () => {
    expect(plain(handoverTitle(handover))).toBe('Handover: 410 of 4,093 slots')
  })

  it('says of each old owner what it still does, removed ones last; the time between two looks at the counters is no silence', () => {
    expect(sortedOwners(handover).map(ownerText).map(plain)).toEqual([
      'web3 still serves old connections: 12,400 packets so far. What is still open in 50 s ends then.',
      'web10 has got no packet of an old connection yet. What is still open in 58 min ends then.',
      '203.0.113.29, which was removed, served old connections: 1 packet so far, the last one 70 s ago. What is still open in 58 min ends then.',
    ])
  })
})

describe('the share of a backend', () => {
  const three = farm({ backends: [{ name: 'web1', address: '203.0.113.21', weight: 3 }, { name: 'web2', address: '203.0.113.22' }, { name: 'web3', address: '203.0.113.23', adminState: 'draining' }] })
  const seen = foldStatus(three, observation({ web1: true, web2: true, web3: false }), [])
  const rates = (packets: number) => ({ packets, bits: 0, connections: 0 })
  const stats: Pick<FarmStats, 'backends'> = { backends: [{ name: 'web1', totals: { packets: 3_000_000, bytes: 180_000_000, connections: 9 }, rates: rates(60) }, { name: 'web2', totals: null, rates: rates(30) }, { name: 'web3', totals: null, rates: rates(10) }] }
  const words = (shown: ReturnType<typeof sharesOf>) => [...shown.values()].map(({ now, byWeight, packets, bytes }) => [now, byWeight, packets, bytes].map((text) => text && plain(text)))

  it('is its part of the packets, beside the part that its weight gives it among the active ones', () => {
    expect(words(sharesOf(three, seen, stats))).toEqual([['60 %', '75 %', '3.00 M packets', '180 MB'], ['30 %', '25 %', null, null], ['10 %', null, null, null]])
  })

  it('is the same for all with round robin, whatever the weights', () => {
    expect(words(sharesOf({ ...three, scheduler: 'round-robin' }, seen, stats)).map(([, byWeight]) => byWeight)).toEqual(['50 %', '50 %', null])
  })

  it('is not known without traffic or without the agent', () => {
    expect(words(sharesOf(three, null, { backends: [{ name: 'web1', totals: null, rates: rates(0) }] })).flat().every((text) => text === null)).toBe(true)
    expect(words(sharesOf(three, null, null)).flat().every((text) => text === null)).toBe(true)
  })
})

test('packets without a backend are told of as long as they are of the last ten minutes', () => {
  const point = (at: string, unsent: number) => ({ at, seconds: 300, packets: 0, bytes: 0, connections: 0, unsent })
  const history = [point('2026-11-21T09:50:00.000Z', 7), point('2026-11-21T09:55:00.000Z', 2), point('2026-11-21T10:00:00.000Z', 1)]
  expect(unsentLately({ at: '2026-11-21T10:03:00.000Z', history })).toBe(3)
  expect(unsentLately({ at: '2026-11-21T10:20:00.000Z', history })).toBe(0)
  expect(unsentLately({ at: null, history })).toBe(0)
})

test('connections are shown where there is TCP', () => {
  expect([metricsOf('tcp'), metricsOf('all'), metricsOf('udp'), metricsOf('sctp')].map((list) => list.includes('connections'))).toEqual([true, true, false, false])
})
