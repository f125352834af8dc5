import { describe, expect, it } from 'vitest'
import { resolve, type MacLookup } from '#agent/resolve.ts'
import type { Scheduler } from '#lib/domain/farm.ts'
import { farm } from '../domain/farms.ts'

const interfaces = [{ name: 'eth0', mac: '52:54:00:00:00:01', up: true, mtu: 1500, addresses: [{ address: '203.0.113.1', prefix: 24 }] }]

/** What the network says: a MAC that answers, one that answered once, or nothing at all. */
function resolved(answers: Record<string, ReturnType<MacLookup>>, scheduler: Scheduler = 'symhash', unhealthy: Record<string, number> = {}): ReturnType<typeof resolve> {
  const fallen = new Map(Object.entries(unhealthy).map(([name, since]) => [name, { since, proven: true, well: false, spread: 7000, spared: false }]))
  return resolve(farm({ scheduler }), interfaces, (address) => answers[address] ?? { mac: null, lost: false }, fallen, new Map())
}

const answering = { mac: '52:54:00:00:00:21', lost: false }
const fallenSilent = { mac: '52:54:00:00:00:22', lost: true }
const neverSeen = { mac: null, lost: true }

describe('backends on the network', () => {
  it('that fell silent get no traffic while another answers', () => {
    const { json, faults } = resolved({ '203.0.113.21': answering, '203.0.113.22': fallenSilent })
    expect(json?.backends.map(({ name, state }) => [name, state])).toEqual([['b_web1', 'up'], ['b_web2', 'down']])
    expect(faults.map(({ code }) => code)).toEqual(['backend-mac-unknown'])
  })

  it('that all fell silent stay in use, and a fault says so', () => {
    const { json, faults } = resolved({ '203.0.113.21': neverSeen, '203.0.113.22': fallenSilent })
    expect(json?.backends.map(({ name, state }) => [name, state])).toEqual([['b_web2', 'up']])
    expect(faults.map(({ code }) => code)).toEqual(['backend-mac-unknown', 'backend-mac-unknown', 'backend-lost'])
  })

  it('that never answered are known to maglev, whose table they have a place in', () => {
    const { json } = resolved({ '203.0.113.21': answering, '203.0.113.22': neverSeen }, 'maglev')
    expect(json?.backends.map((backend) => [backend.name, backend.state, backend['ether-addr']])).toEqual([['b_web1', 'up', answering.mac], ['b_web2', 'down', undefined]])
  })

  it('that never answered are not said to stay in use', () => {
    const { json, faults } = resolved({ '203.0.113.21': neverSeen, '203.0.113.22': neverSeen })
    expect(json?.backends).toEqual([])
    expect(faults.map(({ code }) => code)).toEqual(['backend-mac-unknown', 'backend-mac-unknown', 'no-active-backend'])
  })
})

describe('unhealthy backends', () => {
  const other = { mac: '52:54:00:00:00:22', lost: false }

  it('get no traffic while another one serves', () => {
    const { json, faults } = resolved({ '203.0.113.21': answering, '203.0.113.22': other }, 'maglev', { web2: 0 })
    expect(json?.backends.map(({ name, state }) => [name, state])).toEqual([['b_web1', 'up'], ['b_web2', 'down']])
    expect(faults).toEqual([])
  })

  it('that failed last stay in use when nobody else is left, and a fault names them', () => {
    const { json, faults } = resolved({ '203.0.113.21': answering, '203.0.113.22': other }, 'maglev', { web1: 0, web2: 90_000 })
    expect(json?.backends.map(({ name, state }) => [name, state])).toEqual([['b_web1', 'down'], ['b_web2', 'up']])
    expect(faults).toMatchObject([{ code: 'all-unhealthy', severity: 'critical', farm: 'web', detail: 'web keeps web2, which failed last.' }])
  })

  it('stay in use when the others are silent on the network', () => {
    const { json, faults } = resolved({ '203.0.113.21': answering, '203.0.113.22': fallenSilent }, 'maglev', { web1: 0 })
    expect(json?.backends.map(({ name, state }) => [name, state])).toEqual([['b_web1', 'up'], ['b_web2', 'down']])
    expect(faults.map(({ code }) => code)).toEqual(['backend-mac-unknown', 'all-unhealthy'])
  })
})

describe('the VIPs of a farm', () => {
  const find: MacLookup = () => answering
  const addressesOf = (vips: ReturnType<typeof resolve>['vips']): string[] => vips.map(({ address, interface: iface }) => `${address} ${iface}`)

  it('are all placed on its interface, also those of no subnet', () => {
    const { vips, json } = resolve(farm({ additionalVips: ['203.0.113.9', '192.0.2.7'] }), interfaces, find, new Map(), new Map())
    expect(addressesOf(vips)).toEqual(['203.0.113.7 eth0', '192.0.2.7 eth0', '203.0.113.9 eth0'])
    expect(json?.addresses?.map((address) => address['ip-addr'])).toEqual(['192.0.2.7', '203.0.113.9'])
  })

  it('are placed nowhere when the farm is disabled or has no interface', () => {
    expect(resolve(farm({ additionalVips: ['203.0.113.9'], adminState: 'disabled' }), interfaces, find, new Map(), new Map()).vips).toEqual([])
    expect(resolve(farm({ additionalVips: ['203.0.113.9'] }), [], find, new Map(), new Map()).vips).toEqual([])
  })
})
