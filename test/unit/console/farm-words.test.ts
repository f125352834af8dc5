import { expect, test } from 'vitest'
import { whyNot } from '#components/backends/backend-can.ts'
import { farmChanges } from '#components/farms/farm-changes.ts'
import { filterRows, farmRows } from '#components/farms/farm-rows.ts'
import { layoutPath } from '#components/farms/path-layout.ts'
import { endpointText, hashInputText } from '#components/farms/words.ts'
import { byNeed } from '#components/overview/by-need.ts'
import { modes } from '#lib/domain/farm.ts'
import { foldStatus } from '#lib/domain/status.ts'
import { farm } from '#test/unit/domain/farms.ts'
import { observation } from '#test/unit/domain/samples.ts'

test('a difference names each field once, with both values in words', () => {
  const before = farm({ scheduler: 'symhash' })
  const after = farm({ ports: ['80', '443'], persistence: ['srcip'], backends: [{ name: 'web1', address: '203.0.113.21', weight: 3 }, { name: 'web3', address: '203.0.113.23' }] })
  expect(farmChanges(before, after)).toEqual([
    { field: 'Ports', before: '80', after: '80, 443' },
    { field: 'Persistence', before: 'none', after: 'Client address' },
    { field: 'Backend web1: weight', before: '1', after: '3' },
    { field: 'Backend web2', before: '203.0.113.22, weight 1, priority 1, enabled', after: null },
    { field: 'Backend web3', before: null, after: '203.0.113.23, weight 1, priority 1, enabled' },
  ])
  expect(farmChanges(farm(), farm())).toEqual([])
})

test('a farm that was made or deleted differs in every field', () => {
  expect(farmChanges(null, farm()).every(({ before, after }) => before === null && after !== null)).toBe(true)
  expect(farmChanges(farm(), null).every(({ before, after }) => before !== null && after === null)).toBe(true)
})

test('every word of a filter must be found, in any field and in any case', () => {
  const rows = farmRows([farm(), farm({ name: 'mail', vip: '203.0.113.8', ports: ['25'] })], [])
  const names = (filter: string) => filterRows(rows, filter).map((row) => row.farm.name)
  expect(names('')).toEqual(['web', 'mail'])
  expect(names('TCP 25')).toEqual(['mail'])
  expect(names('203.0.113.22 web2')).toEqual(['web', 'mail'])
  expect(names('web nothing')).toEqual([])
})

test('what is broken comes before what works', () => {
  const online = { farm: farm(), status: foldStatus(farm(), observation({ web1: true, web2: true }), []) }
  const offline = { farm: farm({ adminState: 'disabled' }), status: foldStatus(farm({ adminState: 'disabled' }), null, []) }
  expect([online, offline].sort(byNeed)).toEqual([offline, online])
})

test.each([
  ['203.0.113.7', ['80'], '203.0.113.7:80'],
  ['2001:db8::7', ['80'], '[2001:db8::7]:80'],
  ['203.0.113.7', ['80', '443'], '203.0.113.7 · 80, 443'],
  ['203.0.113.7', ['80-90'], '203.0.113.7 · 80-90'],
  ['2001:db8::7', [], '2001:db8::7 · all ports'],
])('%s with ports %j reads %s', (vip, ports, text) => {
  expect(endpointText({ vip, additionalVips: [], ports })).toBe(text)
})

test('additional VIPs are counted where there is little room, and found by a filter', () => {
  const many = farm({ additionalVips: ['203.0.113.9', '203.0.113.8'] })
  expect(endpointText(many)).toBe('203.0.113.7:80 +2 VIPs')
  expect(endpointText({ vip: '2001:db8::7', additionalVips: ['2001:db8::8'], ports: [] })).toBe('2001:db8::7 +1 VIP · all ports')
  expect(filterRows(farmRows([many], []), '203.0.113.9')).toHaveLength(1)
})

test('a hash input is a sentence where there is one, else its parts', () => {
  expect(hashInputText(['srcip'])).toBe('Address of the client only: one client stays on one backend')
  expect(hashInputText(['srcip', 'dstport'])).toBe('Client address, VIP port')
})

test('a backend cannot be set to what it is, nor be drained when it is disabled', () => {
  expect(whyNot({ name: 'web1', adminState: 'enabled' }, 'enabled')).toBe('web1 is enabled already.')
  expect(whyNot({ name: 'web1', adminState: 'disabled' }, 'draining')).toContain('no clients left')
  expect(whyNot({ name: 'web1', adminState: 'draining' }, 'disabled')).toBeNull()
})

test.each(modes.flatMap((mode) => [true, false].map((wide) => [mode, wide] as const)))('in mode %s (wide %s) requests go to the active backends, and replies end at the client', (mode, wide) => {
  const one = farm({ mode })
  const status = foldStatus(one, observation({ web1: true, web2: false }), [])
  const layout = layoutPath(one, status, wide)
  expect(layout.requests).toHaveLength(2)
  expect(layout.idle).toHaveLength(1)
  expect(layout.replies).toHaveLength(mode === 'dsr' ? 1 : 2)
  const outside = [layout.client, layout.appliance, ...layout.backends].filter((box) => box.x < 0 || box.y < 0 || box.x + box.width > layout.width || box.y + box.height > layout.height)
  expect(outside).toEqual([])
})

test('a path with no active backend has no request and no reply', () => {
  const layout = layoutPath(farm(), null, true)
  expect([...layout.requests, ...layout.replies, ...layout.joints]).toEqual([])
})
