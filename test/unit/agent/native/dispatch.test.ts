import { describe, expect, it } from 'vitest'
import type { FarmInput } from '#lib/domain/farm.ts'
import { dispatchOf, rawAddress } from '#agent/engine/native/dispatch.ts'
import { json } from '../json.ts'

const v6: Partial<FarmInput> = { vip: '2001:db8::7', backends: [] }

/** The ways to a farm as `map key`, those of ICMP errors apart. */
function ways(changes: Partial<FarmInput>): { packets: string[]; errors: string[] } {
  const all = dispatchOf(json({ scheduler: 'maglev', ...changes }))
  const text = (list: typeof all): string[] => list.map(({ map, key }) => `${map} ${key}`)
  return { packets: text(all.filter(({ chain }) => chain === 'f_web')), errors: text(all.filter(({ chain }) => chain === 'f_web-errors')) }
}

describe('the ways to a farm', () => {
  it.each<[string, Partial<FarmInput>, string[], string[]]>([
    ['a port', { ports: ['80'] }, ['ports4 tcp . 203.0.113.7 . 80'], ['errors4 6 . 3405803783 . 80']],
    ['ports and a range', { ports: ['80', '8000-8010'] }, ['ports4 tcp . 203.0.113.7 . 80', 'ranges4 tcp . 203.0.113.7 . 8000-8010'], ['errors4 6 . 3405803783 . 80', 'errorranges4 6 . 3405803783 . 8000-8010']],
    ['every port', { ports: [] }, ['vips4 tcp . 203.0.113.7'], ['errorvips4 6 . 3405803783']],
    ['UDP', { protocol: 'udp' }, ['ports4 udp . 203.0.113.7 . 80'], ['errors4 17 . 3405803783 . 80']],
    ['all protocols', { protocol: 'all', ports: [] }, ['vips4 tcp . 203.0.113.7', 'vips4 udp . 203.0.113.7', 'vips4 sctp . 203.0.113.7'], ['errorvips4 6 . 3405803783', 'errorvips4 17 . 3405803783', 'errorvips4 132 . 3405803783']],
    ['two VIPs', { additionalVips: ['203.0.113.8'] }, ['ports4 tcp . 203.0.113.7 . 80', 'ports4 tcp . 203.0.113.8 . 80'], ['errors4 6 . 3405803783 . 80', 'errors4 6 . 3405803784 . 80']],
    ['IPv6', { ...v6, ports: ['80', '90-99'] }, ['ports6 tcp . 2001:db8::7 . 80', 'ranges6 tcp . 2001:db8::7 . 90-99'], ['errors6 6 . 0x20010db8000000000000000000000007 . 80', 'errorranges6 6 . 0x20010db8000000000000000000000007 . 90-99']],
  ])('%s', (_, changes, packets, errors) => {
    expect(ways(changes)).toEqual({ packets, errors })
  })
})

describe('an address as nft prints raw payload', () => {
  it.each([
    ['203.0.113.7', '3405803783'],
    ['1.2.3.4', '16909060'],
    ['2001:db8::7', '0x20010db8000000000000000000000007'],
    ['fd00::1', '0xfd000000000000000000000000000001'],
    // nft leaves leading zeros out.
    ['64:ff9b::100', '0x64ff9b000000000000000000000100'],
    ['::5:6:7', '21475229703'],
  ])('%s is %s', (address, expected) => {
    expect(rawAddress(address)).toBe(expected)
  })
})
