import { describe, expect, it } from 'vitest'
import { rolesOf } from '#lib/domain/active.ts'
import type { BackendInput } from '#lib/domain/farm.ts'
import { foldStatus, type FarmObservation } from '#lib/domain/status.ts'
import { fault, type FaultCode } from '#lib/domain/fault.ts'
import { farm } from './farms.ts'

function pool(changes: Array<Partial<BackendInput>>): ReturnType<typeof farm> {
  return farm({ backends: changes.map((change, i) => ({ name: `b${i + 1}`, address: `203.0.113.${21 + i}`, ...change })) })
}

describe('roles', () => {
  it.each<[string, Array<Partial<BackendInput>>, string[], string[]]>([
    ['enabled backends are active', [{}, {}], [], ['active', 'active']],
    ['a draining one rests, a disabled one is out', [{ adminState: 'draining' }, { adminState: 'disabled' }, {}], [], ['resting', 'out', 'active']],
    ['the second tier stands by', [{ priority: 1 }, { priority: 2 }], [], ['active', 'resting']],
    ['the second tier stays out while one of the first is left', [{ priority: 1 }, { priority: 1 }, { priority: 2 }], ['b1'], ['out', 'active', 'resting']],
    ['the second tier takes over when the first is gone', [{ priority: 1 }, { priority: 2 }], ['b1'], ['out', 'active']],
    ['a draining first tier makes room for the second', [{ priority: 1, adminState: 'draining' }, { priority: 2 }], [], ['resting', 'active']],
    ['a lone backend of a low tier is active', [{ priority: 5 }], [], ['active']],
  ])('%s', (_, backends, unusable, expected) => {
    const roles = rolesOf(pool(backends), ({ name }) => !unusable.includes(name))
    expect([...roles.values()]).toEqual(expected)
  })
})

describe('status', () => {
  const seen = (active: Record<string, boolean>, applied = true): FarmObservation => ({
    name: 'web',
    applied,
    engine: applied ? 'native' : null,
    handover: null,
    interface: 'eth0',
    backends: Object.entries(active).map(([name, isActive]) => ({ name, active: isActive, mac: isActive ? '52:54:00:00:00:11' : null })),
  })

  it('is online when all that are enabled are active', () => {
    expect(foldStatus(pool([{}, {}]), seen({ b1: true, b2: true }), [])).toMatchObject({ status: 'online', active: 2, total: 2, pending: false })
  })

  it('is degraded when an enabled backend is not active', () => {
    const status = foldStatus(pool([{}, {}]), seen({ b1: true, b2: false }), [fault('backend-mac-unknown', 'x', { farm: 'web', backend: 'b2' })])
    expect(status.status).toBe('degraded')
    expect(status.backends.map((backend) => backend.status)).toEqual(['online', 'error'])
  })

  it('is online with a tier standing by', () => {
    const standby = { ...seen({ b1: true, b2: false }), backends: [{ name: 'b1', active: true, mac: '52:54:00:00:00:11' }, { name: 'b2', active: false, mac: '52:54:00:00:00:12' }] }
    const { status, backends } = foldStatus(pool([{ priority: 1 }, { priority: 2 }]), standby, [])
    expect([status, ...backends.map((backend) => backend.status)]).toEqual(['online', 'online', 'standby'])
    expect(foldStatus(pool([{}, {}]), standby, []).backends[1]?.status).toBe('offline')
  })

  it('is error when nobody is active and something is wrong', () => {
    expect(foldStatus(pool([{}]), seen({ b1: false }), [fault('backend-mac-unknown', 'x')]).status).toBe('error')
  })

  it.each<FaultCode>(['interface-down', 'interface-missing', 'vip-off-subnet', 'vip-refused', 'no-active-backend', 'apply-failed', 'backend-lost'])('is error with %s, whoever is active', (code) => {
    expect(foldStatus(pool([{}, {}]), seen({ b1: true, b2: true }), [fault(code, 'x', { farm: 'web' })]).status).toBe('error')
  })

  it('is error when the last backends that answered stay in use, and names those that are silent', () => {
    const faults = [fault('backend-mac-unknown', 'x', { farm: 'web', backend: 'b1' }), fault('backend-lost', 'x', { farm: 'web' })]
    const status = foldStatus(pool([{}, {}]), seen({ b1: true, b2: true }), faults)
    expect(status).toMatchObject({ status: 'error', active: 2 })
    expect(status.backends.map((backend) => backend.status)).toEqual(['error', 'online'])
  })

  it('of a backend is error when it fell silent, though its MAC is remembered', () => {
    const silent = { ...seen({}), backends: [{ name: 'b1', active: true, mac: '52:54:00:00:00:11' }, { name: 'b2', active: false, mac: '52:54:00:00:00:12' }] }
    const status = foldStatus(pool([{}, {}]), silent, [fault('backend-mac-unknown', 'x', { farm: 'web', backend: 'b2' })])
    expect([status.status, ...status.backends.map((backend) => backend.status)]).toEqual(['degraded', 'online', 'error'])
  })

  it('is draining when all that are left drain, unless the farm is broken otherwise', () => {
    const left = pool([{ adminState: 'draining' }, { adminState: 'disabled' }])
    const nobody = fault('no-active-backend', 'x', { farm: 'web' })
    expect(foldStatus(left, seen({ b1: false, b2: false }), [nobody]).status).toBe('draining')
    expect(foldStatus(left, seen({ b1: false, b2: false }), [nobody, fault('interface-down', 'x', { farm: 'web' })]).status).toBe('error')
  })

  it('is error, not draining, when an enabled backend beside a draining one gets nobody', () => {
    const status = foldStatus(pool([{ adminState: 'draining' }, {}]), seen({ b1: false, b2: false }), [fault('no-active-backend', 'x', { farm: 'web' })])
    expect(status.status).toBe('error')
  })

  it('is offline when the farm is disabled, and unmonitored without an agent', () => {
    expect(foldStatus(farm({ adminState: 'disabled' }), seen({}), []).status).toBe('offline')
    expect(foldStatus(farm(), null, [])).toMatchObject({ status: 'unmonitored', pending: true })
  })
})
