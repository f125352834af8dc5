import { describe, expect, it } from 'vitest'
import { moved } from '#agent/engine/nftlb/guard.ts'
import { compare } from '#agent/engine/nftlb/verify.ts'
import type { KernelView, Rule } from '#agent/engine/nftlb/kernel.ts'
import { parseNeighbour } from '#agent/neighbours.ts'
import { backends, json } from './json.ts'

const balance = (kind: string, set: unknown[]): Rule => [
  { mangle: { key: { payload: { protocol: 'ether', field: 'saddr' } }, value: '52:54:00:00:00:01' } },
  { mangle: { key: { payload: { protocol: 'ether', field: 'daddr' } }, value: { map: { key: { [kind]: { mod: set.length } }, data: { set } } } } },
  { fwd: { dev: 'eth0' } },
]
const hook: Rule = [{ vmap: { key: 'x', data: '@proto-services-eth0' } }]

function view(changes: { rule?: Rule; elements?: Array<[string, string]>; chains?: Array<[string, Rule[]]> } = {}): KernelView {
  const rule = changes.rule ?? balance('symhash', [[0, '52:54:00:00:00:21'], [1, '52:54:00:00:00:22']])
  return {
    chains: new Map([['netdev ingress-eth0', [hook]], ['netdev f_web', [rule]], ...(changes.chains ?? [])]),
    elements: new Map([['netdev proto-services-eth0', new Map(changes.elements ?? [['tcp . 203.0.113.7 . 80', 'f_web']])]]),
  }
}

const words = (found: ReturnType<typeof compare>): string[] => found.map(({ detail }) => detail)

describe('the kernel compared with what is wanted', () => {
  const wanted = json({ backends: backends(2) })

  it('is right when every backend has its share and the VIP leads to the farm', () => {
    expect(compare([wanted], null, view())).toEqual([])
  })

  it('counts ranges of buckets as weight', () => {
    const heavy = json({ backends: backends(2, { b1: { weight: 3 } }) })
    expect(compare([heavy], null, view({ rule: balance('symhash', [[{ range: [0, 2] }, '52:54:00:00:00:21'], [3, '52:54:00:00:00:22']]) }))).toEqual([])
    expect(words(compare([heavy], null, view()))).toEqual(['the kernel sends to 52:54:00:00:00:21 (1), 52:54:00:00:00:22 (1) instead of 52:54:00:00:00:21 (3), 52:54:00:00:00:22 (1)'])
  })

  it.each<[string, KernelView, string]>([
    ['a zero MAC', view({ rule: balance('symhash', [[0, '00:00:00:00:00:00'], [1, '52:54:00:00:00:22']]) }), 'the kernel sends to 00:00:00:00:00:00'],
    ['a port that leads nowhere', view({ elements: [] }), 'tcp . 203.0.113.7 . 80 does not lead to the farm'],
    ['a port that leads to another farm', view({ elements: [['tcp . 203.0.113.7 . 80', 'f_other']] }), 'does not lead to the farm'],
    ['an emptied chain', { ...view(), chains: new Map([['netdev ingress-eth0', [hook]], ['netdev f_web', []]]) }, 'the kernel sends to nobody'],
    ['a missing chain', { ...view(), chains: new Map([['netdev ingress-eth0', [hook]]]) }, 'chain f_web is missing'],
    ['a missing hook', { ...view(), chains: new Map([['netdev f_web', view().chains.get('netdev f_web') ?? []]]) }, 'the hook'],
    ['a farm that should be gone', view({ chains: [['netdev f_old', []]] }), 'chain netdev f_old is still there'],
    ['a NAT farm that should be gone', view({ chains: [['ip nat-f_old', []]] }), 'chain ip nat-f_old is still there'],
  ])('sees %s', (_, kernel, expected) => {
    expect(words(compare([wanted], null, kernel)).join()).toContain(expected)
  })

  it('joins marks and addresses of a NAT farm', () => {
    const nat = json({ mode: 'snat', backends: backends(2, { b1: { port: 8080, weight: 2 }, b2: { port: 8080 } }) })
    const filter: Rule = [{ mangle: { key: { ct: { key: 'mark' } }, value: { map: { key: { symhash: { mod: 3 } }, data: { set: [[{ range: [0, 1] }, 2147483653], [2, 2147483654]] } } } } }]
    const dnat: Rule = [{ dnat: { family: 'ip', addr: { map: { key: { ct: { key: 'mark' } }, data: { set: [[2147483653, { concat: ['203.0.113.21', 8080] }], [2147483654, { concat: ['203.0.113.22', 8080] }]] } } } } }]
    const kernel = (rule: Rule): KernelView => ({
      chains: new Map([['ip filter-f_web', [filter]], ['ip nat-f_web', [rule]], ['ip prerouting', [[{ vmap: { key: 'x', data: '@nat-proto-services' } }]]]]),
      elements: new Map([['ip nat-proto-services', new Map([['tcp . 203.0.113.7 . 80', 'nat-f_web']])]]),
    })
    expect(compare([nat], null, kernel(dnat))).toEqual([])
    expect(words(compare([nat], null, kernel([])))[0]).toContain('instead of 203.0.113.21 8080 (2), 203.0.113.22 8080 (1)')
  })

  it('reads the only backend of a NAT farm from the mark that is set without a scheduler', () => {
    const nat = json({ mode: 'snat', backends: backends(2, { b1: { adminState: 'disabled' }, b2: { weight: 3 } }) })
    const match: Rule[number] = { match: { op: '==', left: { ct: { key: 'mark' } }, right: 0 } }
    const dnat: Rule = [{ dnat: { family: 'ip', addr: { map: { key: { ct: { key: 'mark' } }, data: { set: [[2147483649, '203.0.113.21'], [2147483650, '203.0.113.22']] } } } } }]
    const kernel = (mark: number): KernelView => ({
      chains: new Map([['ip filter-f_web', [[match, { mangle: { key: { ct: { key: 'mark' } }, value: mark } }]]], ['ip nat-f_web', [dnat]], ['ip prerouting', [[{ vmap: { key: 'x', data: '@nat-proto-services' } }]]]]),
      elements: new Map([['ip nat-proto-services', new Map([['tcp . 203.0.113.7 . 80', 'nat-f_web']])]]),
    })
    expect(compare([nat], null, kernel(2147483650))).toEqual([])
    expect(words(compare([nat], null, kernel(2147483649)))).toEqual(['the kernel sends to 203.0.113.21 (1) instead of 203.0.113.22 (3)'])
  })
})

describe('the guard', () => {
  it.each([
    ['in front, a little earlier at every hook', -10, '-110', '91'],
    ['behind, a little later', 20, '-80', '121'],
  ])('stands %s', (_, by, nat, ingress) => {
    const listing = 'table ip tangent-guard {\n\tchain prerouting {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t}\n\tchain ingress-eth0 {\n\t\ttype filter hook ingress device "eth0" priority 101; policy accept;\n\t}\n}\n'
    expect(moved(listing, by)).toBe(listing.replace('priority dstnat;', `priority ${nat};`).replace('priority 101;', `priority ${ingress};`))
  })

  it('reads priorities as nft prints them again', () => {
    expect(moved('hook prerouting priority mangle - 10; policy accept', 20)).toBe('hook prerouting priority -140; policy accept')
    expect(moved('hook postrouting priority srcnat + 5; policy accept', -10)).toBe('hook postrouting priority 95; policy accept')
  })
})

describe('a line of ip monitor neigh', () => {
  it.each([
    ['10.9.0.11 dev eth0 lladdr 2e:2d:4e:64:ef:bf REACHABLE ', { address: '10.9.0.11', interface: 'eth0', mac: '2e:2d:4e:64:ef:bf', gone: false, permanent: false }],
    ['fd09::11 dev eth0 lladdr 2e:2d:4e:64:ef:bf router STALE', { address: 'fd09::11', interface: 'eth0', mac: '2e:2d:4e:64:ef:bf', gone: false, permanent: false }],
    ['10.9.0.77 dev eth0  FAILED', { address: '10.9.0.77', interface: 'eth0', mac: null, gone: false, permanent: false }],
    ['10.9.0.11 dev eth0 lladdr 2e:2d:4e:64:ef:bf PROBE', null],
    ['10.9.0.77 dev eth0 INCOMPLETE', null],
    ['Deleted 10.9.0.11 dev eth0 lladdr 2e:2d:4e:64:ef:bf STALE', { address: '10.9.0.11', interface: 'eth0', mac: null, gone: true, permanent: false }],
    ['nonsense', null],
  ])('%j', (line, expected) => {
    expect(parseNeighbour(line)).toEqual(expected)
  })
})
