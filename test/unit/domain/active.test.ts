import { describe, expect, it } from 'vitest'
import { ejectedOf, rolesOf } from '#lib/domain/active.ts'
import type { BackendInput, FarmInput } from '#lib/domain/farm.ts'
import { foldStatus } from '#lib/domain/status.ts'
import { fault, type FaultCode } from '#lib/domain/fault.ts'
import { farm } from './farms.ts'
import { observation as seen, unhealthy } from './samples.ts'

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

describe('unhealthy backends', () => {
  const fallen = (since: Record<string, number>) => new Map(Object.entries(since).map(([name, at]) => [name, { since: at, proven: true, well: false, spread: 7000, spared: false }]))
  const three: Array<Partial<BackendInput>> = [{}, {}, {}]
  it.each<[string, Partial<FarmInput>, Array<Partial<BackendInput>>, Record<string, number>, string[], { out: string[]; kept: string[] }]>([
    ['are out while another one serves', {}, three, { b1: 0, b2: 0 }, [], { out: ['b1', 'b2'], kept: [] }],
    ['that failed last stay when none is left', {}, three, { b1: 0, b2: 90_000, b3: 95_000 }, [], { out: ['b1'], kept: ['b2', 'b3'] }],
    ['stay when the others cannot be reached', {}, three, { b1: 0, b2: 90_000 }, ['b3'], { out: ['b1'], kept: ['b2'] }],
    ['stay when the others drain or are disabled, and who drains keeps its clients', {}, [{}, { adminState: 'draining' }, { adminState: 'disabled' }], { b1: 0, b2: 0 }, [], { out: [], kept: ['b1'] }],
    ['that drain are out while another one serves', {}, [{}, { adminState: 'draining' }], { b2: 0 }, [], { out: ['b2'], kept: [] }],
    ['are out without a rest when the farm is told so', { whenAllUnhealthy: 'eject' }, three, { b1: 0, b2: 0, b3: 0 }, [], { out: ['b1', 'b2', 'b3'], kept: [] }],
    ['are none without a monitor', { monitor: null }, [{}, { monitor: { type: 'icmp' } }], { b1: 0, b2: 0 }, [], { out: ['b2'], kept: [] }],
    ['are none in a farm without backends', {}, [], {}, [], { out: [], kept: [] }],
  ])('%s', (_, changes, backends, since, unreachable, expected) => {
    const { out, kept } = ejectedOf(farm({ ...changes, backends: pool(backends).backends }), ({ name }) => !unreachable.includes(name), fallen(since))
    expect({ out: [...out], kept }).toEqual(expected)
  })
})

describe('backends that are spared', () => {
  const one = (spared: boolean) => ({ since: 0, proven: true, well: false, spread: 7000, spared })
  it.each<[string, Partial<FarmInput>, string[]]>([
    ['serve on beside the first that answers again', {}, ['b3']],
    ['are out where a farm ejects them all', { whenAllUnhealthy: 'eject' }, ['b2', 'b3']],
    ['are out beside one that nobody checks', { monitor: null, backends: pool([{}, { monitor: { type: 'icmp' } }, { monitor: { type: 'icmp' } }]).backends }, ['b2', 'b3']],
  ])('%s', (_, changes, out) => {
    expect([...ejectedOf(farm({ backends: pool([{}, {}, {}]).backends, ...changes }), () => true, new Map([['b2', one(true)], ['b3', one(false)]])).out]).toEqual(out)
  })
})

describe('status', () => {
  it('is online when all that are enabled are active', () => {
    expect(foldStatus(pool([{}, {}]), seen({ b1: true, b2: true }), [])).toMatchObject({ status: 'online', active: 2, total: 2, pending: false })
  })

  it('is degraded when an enabled backend is not active', () => {
    const status = foldStatus(pool([{}, {}]), seen({ b1: true, b2: false }), [fault('backend-mac-unknown', 'x', { farm: 'web', backend: 'b2' })])
    expect(status.status).toBe('degraded')
    expect(status.backends.map((backend) => backend.status)).toEqual(['online', 'error'])
  })

  it('is online with a tier standing by', () => {
    const standby = seen({ b1: true, b2: false }, { b2: { mac: '52:54:00:00:00:12' } })
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
    const silent = seen({ b1: true, b2: false }, { b2: { mac: '52:54:00:00:00:12' } })
    const status = foldStatus(pool([{}, {}]), silent, [fault('backend-mac-unknown', 'x', { farm: 'web', backend: 'b2' })])
    expect([status.status, ...status.backends.map((backend) => backend.status)]).toEqual(['degraded', 'online', 'error'])
  })

  it('is degraded when a backend is unhealthy, which is an error of that one', () => {
    const status = foldStatus(pool([{}, {}]), seen({ b1: true, b2: false }, { b2: { health: unhealthy } }), [fault('backend-unhealthy', 'x', { farm: 'web', backend: 'b2' })])
    expect([status.status, ...status.backends.map((backend) => backend.status)]).toEqual(['degraded', 'online', 'error'])
    expect(status.backends[1]?.health).toEqual(unhealthy)
  })

  it('is error when all are unhealthy, though the last of them stay in use', () => {
    const status = foldStatus(pool([{}]), seen({ b1: true }, { b1: { health: unhealthy } }), [fault('all-unhealthy', 'x', { farm: 'web' })])
    expect(status).toMatchObject({ status: 'error', active: 1, backends: [{ status: 'error' }] })
  })

  it('is unmonitored where nobody looks or no probe has ended, also of a farm in which that is so of all', () => {
    const unknown = { ...unhealthy, state: 'unknown' as const, reason: null }
    const one = foldStatus(pool([{}, {}]), seen({ b1: true, b2: true }, { b2: { health: unknown } }), [])
    expect([one.status, ...one.backends.map((backend) => backend.status)]).toEqual(['online', 'online', 'unmonitored'])
    expect(foldStatus(pool([{}, {}]), seen({ b1: true, b2: true }, { b1: { health: null }, b2: { health: null } }), []).status).toBe('unmonitored')
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
