import { describe, expect, it } from 'vitest'
import type { FarmInput } from '#lib/domain/farm.ts'
import { plan } from '#agent/engine/nftlb/plan.ts'
import { backends, json } from './json.ts'

const sticky: Partial<FarmInput> = { persistence: ['srcip', 'srcport'] }

/** The steps of one edit as `action impact`. */
function edit(before: Partial<FarmInput>, after: Partial<FarmInput>): string[] {
  return plan([json(before)], [json(after)]).map(({ action, impact }) => `${action} ${impact.kind}${impact.share === null ? '' : ` ${Math.round(impact.share * 100)}%`}`)
}

describe('the plan of the nftlb engine', () => {
  it('is empty when nothing changed', () => {
    expect(plan([json()], [json()])).toEqual([])
  })

  it('creates and deletes, deleting first so that a VIP and port are free again', () => {
    const steps = plan([json({ name: 'old' })], [json({ name: 'new' })])
    expect(steps.map(({ action, farm, impact }) => `${action} ${farm} ${impact.kind}`)).toEqual(['delete old interrupts', 'create new hitless'])
  })

  it.each<[string, Partial<FarmInput>, Partial<FarmInput>, string[]]>([
    ['a third backend moves half of the flows without persistence', { backends: backends(2) }, { backends: backends(3) }, ['change remaps 50%']],
    ['and none with it', { ...sticky, backends: backends(2) }, { ...sticky, backends: backends(3) }, ['change hitless']],
    ['draining the last of three moves its third and more', { backends: backends(3) }, { backends: backends(3, { b3: { adminState: 'draining' } }) }, ['change remaps 50%']],
    ['draining all without persistence leaves nobody to move to', { backends: backends(1) }, { backends: backends(1, { b1: { adminState: 'draining' } }) }, ['change interrupts']],
    ['draining breaks nothing with persistence', { ...sticky, backends: backends(3) }, { ...sticky, backends: backends(3, { b3: { adminState: 'draining' } }) }, ['change hitless']],
    ['disabling ends the sessions of that backend alone', { ...sticky, backends: backends(3) }, { ...sticky, backends: backends(3, { b3: { adminState: 'disabled' } }) }, ['change flushes']],
    ['SNAT connections are tracked and stay', { mode: 'snat', backends: backends(2) }, { mode: 'snat', backends: backends(3) }, ['change hitless']],
    ['scheduler hash reseeds: a weight moves flows at random', { scheduler: 'hash', backends: backends(2) }, { scheduler: 'hash', backends: backends(2, { b1: { weight: 3 } }) }, ['change remaps 50%']],
    ['a port more is a rebuild behind the guard that nobody notices', { ports: ['80'] }, { ports: ['80', '443'] }, ['replace hitless']],
    ['a port less stops answering there', { ports: ['80', '443'] }, { ports: ['443'] }, ['replace interrupts']],
    ['another VIP stops answering at the old one', {}, { vip: '203.0.113.8' }, ['replace interrupts']],
    ['a backend of stateless DNAT comes with a rebuild, because nftlb would not translate its replies', { mode: 'stateless-dnat', ports: ['80'], backends: backends(2) }, { mode: 'stateless-dnat', ports: ['80'], backends: backends(3) }, ['replace remaps 50%']],
    ['and so does one that was disabled', { mode: 'stateless-dnat', ports: ['80'], backends: backends(2, { b2: { adminState: 'disabled' } }) }, { mode: 'stateless-dnat', ports: ['80'], backends: backends(2) }, ['replace remaps 50%']],
    ['but one that was drained is known', { mode: 'stateless-dnat', ports: ['80'], backends: backends(2, { b2: { adminState: 'draining' } }) }, { mode: 'stateless-dnat', ports: ['80'], backends: backends(2) }, ['change remaps 50%']],
    ['turning persistence off deletes its entries', sticky, {}, ['replace flushes']],
    ['a new backend address is a rebuild', { backends: backends(2) }, { backends: backends(2, { b2: { address: '203.0.113.99' } }) }, ['replace remaps 0%']],
  ])('%s', (name, before, after, expected) => {
    const steps = edit(before, after)
    if (name.startsWith('a new backend address')) expect(steps[0]).toMatch(/^replace/)
    else expect(steps).toEqual(expected)
  })

  it('sends one merging request for a change: what goes is taken down in the same transaction that brings what comes', () => {
    const [step] = plan([json({ ...sticky, backends: backends(2) })], [json({ ...sticky, backends: [...backends(3)].slice(1) })])
    expect(step?.work).toMatchObject({
      kind: 'change',
      removed: ['b_b1'],
      body: { name: 'f_web', backends: [{ name: 'b_b1', state: 'down' }, { name: 'b_b3', 'ip-addr': '203.0.113.23', 'ether-addr': '52:54:00:00:00:23', port: '', weight: '1', priority: '1', state: 'up' }] },
    })
  })

  it('flushes the sessions of a disabled backend and keeps those of a draining one', () => {
    const before = json({ ...sticky, backends: backends(3) })
    const after = json({ ...sticky, backends: backends(3, { b1: { adminState: 'disabled' }, b2: { adminState: 'draining' } }) })
    expect(plan([before], [after])[0]?.work).toMatchObject({ kind: 'change', flushed: ['b_b1'] })
  })

  it('notices a replaced network card as a move of that backend', () => {
    const before = json({ backends: backends(2) })
    const after = { ...before, backends: before.backends.map((backend) => (backend.name === 'b_b2' ? { ...backend, 'ether-addr': '52:54:00:00:00:99' } : backend)) }
    expect(plan([before], [after])[0]?.work).toMatchObject({ kind: 'change', moved: [{ name: 'b_b2' }], body: { backends: [{ name: 'b_b2', 'ether-addr': '52:54:00:00:00:99' }] } })
  })
})
