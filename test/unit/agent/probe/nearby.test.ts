import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openNearby, type Surroundings } from '#agent/probe/nearby.ts'
import type { ProbeResult, ProbeTarget } from '#agent/probe/target.ts'
import { monitorSchema, type MonitorInput } from '#lib/domain/monitor.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const target = (monitor: MonitorInput, more: Partial<ProbeTarget> = {}): ProbeTarget => ({ id: 'web/web1', path: 'rip', address: '203.0.113.21', port: null, monitor: monitorSchema.parse(monitor), via: null, ...more })

/** An appliance with one interface; `known` is what its neighbour table says of everybody. */
function surroundings(known: { mac: string | null; lost: boolean }): Surroundings & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    interfaces: () => [{ name: 'eth0', mac: '52:54:00:00:00:01', up: true, mtu: 1500, addresses: [{ address: '203.0.113.2', prefix: 24 }] }],
    neighbour: ({ address, interface: iface }) => {
      asked.push(`${address} ${iface}`)
      return known
    },
  }
}

const once = (known: { mac: string | null; lost: boolean }, one: ProbeTarget): ProbeResult => openNearby(surroundings(known), () => undefined).once(one)

describe('arp', () => {
  it.each([
    ['a neighbour that answers', { mac: '52:54:00:00:00:21', lost: false }, null],
    ['one that fell silent', { mac: '52:54:00:00:00:21', lost: true }, 'timeout'],
    ['one that never answered', { mac: null, lost: true }, 'timeout'],
    ['one that nobody has asked yet', { mac: null, lost: false }, 'not-possible'],
  ])('%s', (_, known, reason) => {
    expect(once(known, target({ type: 'arp' }))).toMatchObject({ id: 'web/web1', reason })
  })

  it('asks on the interface whose subnet has the address, and says when none has it', () => {
    const around = surroundings({ mac: null, lost: true })
    const nearby = openNearby(around, () => undefined)
    nearby.once(target({ type: 'arp' }))
    expect(around.asked).toEqual(['203.0.113.21 eth0'])
    expect(nearby.once(target({ type: 'arp' }, { address: '198.51.100.21' }))).toMatchObject({ reason: 'not-possible', detail: '198.51.100.21 is in no subnet of the appliance.' })
  })

  it('is not asked of a VIP', () => {
    expect(once({ mac: '52:54:00:00:00:21', lost: false }, target({ type: 'arp' }, { path: 'vip', address: '203.0.113.100' }))).toMatchObject({ reason: 'not-possible' })
  })
})

it('what cannot be asked over the network is answered at its interval all the same, until it is dropped', () => {
  const heard: ProbeResult[] = []
  const nearby = openNearby(surroundings({ mac: null, lost: false }), (result) => heard.push(result))
  nearby.set(target({ type: 'tcp', interval: 1 }, { path: 'vip', address: '203.0.113.100', port: 80 }))
  vi.advanceTimersByTime(5000)
  expect(heard).toHaveLength(5)
  expect(heard[0]).toMatchObject({ id: 'web/web1', reason: 'not-possible', detail: 'The MAC address of the backend is not known.' })
  nearby.drop('web/web1')
  vi.advanceTimersByTime(5000)
  expect(heard).toHaveLength(5)
  expect(vi.getTimerCount()).toBe(0)
})
