import { expect, test } from 'vitest'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()
const web = '/api/v1/farms/web'
const anyVersion = { 'if-match': '*' }
const backends = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `b${i}`, address: `203.0.113.${100 + i}` }))

test('what maglev needs is kept, echoed and sent to the agent', async () => {
  const maglev = { additionalVips: ['203.0.113.10', '203.0.113.9'], hashInput: ['srcip' as const], slots: 65537 as const, handoverPeriod: 600, handoverSize: 4096 }
  const expected = { ...maglev, additionalVips: ['203.0.113.9', '203.0.113.10'], scheduler: 'maglev' }
  expect((await it.api('PUT', web, { body: farm(maglev) })).body.farm).toMatchObject(expected)
  expect((await it.api('GET', web)).body).toMatchObject(expected)
  expect(it.agent.desired.farms).toMatchObject([expected])
  expect((await it.api('PUT', web, { body: farm({ ...maglev, additionalVips: ['203.0.113.9', '203.0.113.10', '203.0.113.9'] }) })).body).toMatchObject({ generation: 1 })
})

test('a patch replaces the additional VIPs, and null sets each field to its default', async () => {
  await it.api('PUT', web, { body: farm({ additionalVips: ['203.0.113.9'], handoverPeriod: 600, slots: 65537 }) })
  const patched = await it.api('PATCH', web, { body: { additionalVips: ['203.0.113.11'] }, headers: anyVersion })
  expect(patched.body.farm).toMatchObject({ additionalVips: ['203.0.113.11'], handoverPeriod: 600, slots: 65537 })
  const reset = await it.api('PATCH', web, { body: { additionalVips: null, handoverPeriod: null, slots: null }, headers: anyVersion })
  expect(reset.body.farm).toMatchObject({ additionalVips: [], handoverPeriod: 3600, slots: 4093 })
})

test('a farm that leaves mode dsr must name another scheduler, asks for no VIP any more, and returns to maglev without naming one', async () => {
  await it.api('PUT', web, { body: farm() })
  expect((await it.api('PATCH', web, { body: { mode: 'snat' }, headers: anyVersion })).body.errors).toMatchObject([{ pointer: '/scheduler', code: 'maglev-needs-dsr' }])
  expect((await it.api('PATCH', web, { body: { mode: 'snat', scheduler: null }, headers: anyVersion })).body.farm).toMatchObject({ mode: 'snat', scheduler: 'symhash', monitor: { type: 'tcp', paths: 'rip' } })
  expect((await it.api('PUT', web, { body: farm(), headers: anyVersion })).body.farm).toMatchObject({ mode: 'dsr', scheduler: 'maglev' })
})

test('a farm that was read before there was maglev can be sent as it was and stays as it was', async () => {
  const old = { ...farm(), adminState: 'enabled', mode: 'dsr', delivery: 'l2', interface: null, scheduler: 'symhash', hashInput: ['srcip', 'srcport'], persistence: ['srcip'], persistenceTtl: 60, policies: [], monitor: null }
  expect((await it.api('PUT', web, { body: old })).body.farm).toMatchObject({ ...old, backends: [{ name: 'web1' }, { name: 'web2' }] })
})

test('the size of the table is chosen when a farm is created and stays when backends are added', async () => {
  await it.api('PUT', web, { body: farm({ backends: backends(64) }) })
  expect((await it.api('PUT', web, { body: farm({ backends: backends(65) }), headers: anyVersion })).body.farm).toMatchObject({ slots: 4093 })
  expect((await it.api('PUT', '/api/v1/farms/big', { body: farm({ name: 'big', vip: '203.0.113.8', backends: backends(65) }) })).body.farm).toMatchObject({ slots: 65537 })
})

test('the script of a backend prepares it for every VIP of its farms', async () => {
  await it.api('PUT', web, { body: farm({ additionalVips: ['203.0.113.9'] }) })
  expect((await it.api('GET', `${web}/backends/web1/prep?system=linux`)).text).toContain("\nVIPS='203.0.113.7 203.0.113.9'\n")
})
