import { expect, test } from 'vitest'
import { parseHearing } from '#agent/doctor/hearing.ts'

const now = Date.parse('2026-01-02T12:00:00Z')
const mac = '52:54:00:00:00:11'

/** As nft 1.0.6 prints the table. */
const listed = JSON.stringify({
  nftables: [
    { metainfo: { version: '1.0.6' } },
    { table: { family: 'netdev', name: 'tangent-doctor', handle: 1 } },
    { set: { name: 'vips4', type: 'ipv4_addr', elem: ['203.0.113.7'] } },
    { set: { name: 'targets6', type: 'integer', elem: ['0x20010db8000000000000000000000007'] } },
    { set: { name: 'asked4', type: 'ipv4_addr' } },
    { set: { name: 'answers4', type: ['ipv4_addr', 'ether_addr'], timeout: 30, elem: [{ elem: { val: { concat: ['203.0.113.7', mac] }, expires: 29 } }] } },
    { set: { name: 'answers6', type: ['integer', 'ether_addr'], timeout: 30, elem: [{ elem: { val: { concat: ['0x20010db8000000000000000000000007', mac] }, expires: 10 } }] } },
    { set: { name: 'asks4', type: ['ipv4_addr', 'ether_addr'], timeout: 30 } },
    { set: { name: 'returned', type: 'ether_addr', elem: [{ elem: { val: mac, expires: 28 } }] } },
    { set: { name: 'strays', type: 'ether_addr', elem: [{ elem: { val: mac, expires: 28, counter: { packets: 7, bytes: 420 } } }] } },
    { chain: { name: 'on-eth0', type: 'filter', hook: 'ingress', prio: -310 } },
  ],
})

test('what the kernel heard is read with its time, and IPv6 addresses out of numbers', () => {
  expect(parseHearing(listed, now)).toEqual({
    chains: new Set(['on-eth0']),
    sets: new Map([['vips4', ['203.0.113.7']], ['targets6', ['2001:db8::7']], ['asked4', []], ['answers4', []], ['answers6', []], ['asks4', []], ['returned', []], ['strays', []]]),
    answers: [{ address: '203.0.113.7', mac, at: now - 1000 }, { address: '2001:db8::7', mac, at: now - 20_000 }],
    asks: [],
    returned: new Map([[mac, now - 2000]]),
    strays: new Map([[mac, 7]]),
  })
})

test('without a table nothing was heard', () => {
  expect(parseHearing(null, now)).toBeNull()
  expect(parseHearing('', now)).toBeNull()
})
