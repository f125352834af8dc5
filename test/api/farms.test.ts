import { expect, test } from 'vitest'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()

test('a farm is created with PUT, brought to the agent and answered with what the server filled in', async () => {
  const reply = await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  expect(reply.status).toBe(201)
  expect(reply.headers.get('etag')).toBe('"g1"')
  expect(reply.body).toMatchObject({ generation: 1, appliedGeneration: 1, pending: false, faults: [], farm: { name: 'web', scheduler: 'maglev', additionalVips: [], slots: 4093, handoverPeriod: 3600, handoverSize: 65_536, persistenceTtl: 60, adminState: 'enabled' } })
  expect(it.agent.desired).toMatchObject({ generation: 1, farms: [{ name: 'web', vip: '203.0.113.7' }] })
})

test('the name may be left out of the body, and another one than that of the address is refused', async () => {
  const { name: _name, ...nameless } = farm()
  expect((await it.api('PUT', '/api/v1/farms/web', { body: nameless })).status).toBe(201)
  const other = await it.api('PUT', '/api/v1/farms/web', { body: farm({ name: 'web2' }), headers: { 'if-match': '*' } })
  expect(other.status).toBe(422)
  expect(other.body.errors).toMatchObject([{ pointer: '/name', code: 'name-fixed' }])
})

test('what GET answers can be sent back with PUT and changes nothing', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm({ ports: ['443', '80', '80'] }) })
  const read = await it.api('GET', '/api/v1/farms/web', { as: 'read' })
  const again = await it.api('PUT', '/api/v1/farms/web', { body: read.body })
  expect(again.status).toBe(200)
  expect(again.headers.get('etag')).toBe('"g1"')
  expect(again.body).toMatchObject({ generation: 1, pending: false })
  expect((await it.api('GET', '/api/v1/revisions')).body.items).toHaveLength(1)
})

test('changing what exists without If-Match is refused with 428 and the current version', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  const reply = await it.api('PUT', '/api/v1/farms/web', { body: farm({ persistenceTtl: 90 }) })
  expect(reply.status).toBe(428)
  expect(reply.headers.get('etag')).toBe('"g1"')
  expect(reply.body).toMatchObject({ current: { name: 'web', persistenceTtl: 60 } })
})

test('of two operators who edit the same farm the second gets 412 with what the first saved', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  const first = await it.api('PUT', '/api/v1/farms/web', { body: farm({ persistenceTtl: 90 }), headers: { 'if-match': '"g1"' } })
  expect(first.status).toBe(200)
  const second = await it.api('PUT', '/api/v1/farms/web', { body: farm({ persistenceTtl: 120 }), headers: { 'if-match': '"g1"' } })
  expect(second.status).toBe(412)
  expect(second.headers.get('etag')).toBe('"g2"')
  expect(second.body).toMatchObject({ type: 'urn:tangent:problem:stale', current: { persistenceTtl: 90 } })
  expect((await it.api('GET', '/api/v1/farms/web')).body).toMatchObject({ persistenceTtl: 90 })
})

test('If-Match: * changes whatever is there', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  expect((await it.api('PUT', '/api/v1/farms/web', { body: farm({ persistenceTtl: 90 }), headers: { 'if-match': '*' } })).body).toMatchObject({ generation: 2 })
})

test('If-None-Match: * creates and never replaces', async () => {
  const headers = { 'if-none-match': '*' }
  expect((await it.api('PUT', '/api/v1/farms/web', { body: farm(), headers })).status).toBe(201)
  expect((await it.api('PUT', '/api/v1/farms/web', { body: farm(), headers })).status).toBe(412)
})

test('If-Match on a farm that is gone does not create it', async () => {
  expect((await it.api('PUT', '/api/v1/farms/web', { body: farm(), headers: { 'if-match': '"g1"' } })).status).toBe(412)
  expect((await it.api('GET', '/api/v1/farms/web')).status).toBe(404)
})

test('a merge patch changes the named fields, null sets the default again, and lists are replaced', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm({ persistenceTtl: 90 }) })
  const headers = { 'if-match': '"g1"', 'content-type': 'application/merge-patch+json' }
  const reply = await it.api('PATCH', '/api/v1/farms/web', { body: { persistenceTtl: null, ports: ['8080'] }, headers })
  expect(reply.status).toBe(200)
  expect(reply.body.farm).toMatchObject({ persistenceTtl: 60, ports: ['8080'], vip: '203.0.113.7', backends: [{ name: 'web1' }, { name: 'web2' }] })
})

test('a patch cannot reach the prototype of an object', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  const reply = await it.api('PATCH', '/api/v1/farms/web', { body: '{"__proto__": {"adminState": "disabled"}}', headers: { 'if-match': '*' } })
  expect(reply.status).toBe(422)
  expect(reply.body.errors).toMatchObject([{ pointer: '/__proto__', code: 'unknown-key' }])
})

test('a farm is deleted with its backends and the agent forgets it', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  expect((await it.api('DELETE', '/api/v1/farms/web')).status).toBe(428)
  const reply = await it.api('DELETE', '/api/v1/farms/web', { headers: { 'if-match': '"g1"' } })
  expect(reply.body).toMatchObject({ farm: null, generation: 2, appliedGeneration: 2, pending: false })
  expect((await it.api('GET', '/api/v1/farms/web')).status).toBe(404)
  expect(it.agent.desired.farms).toEqual([])
  expect((await it.api('DELETE', '/api/v1/farms/web', { headers: { 'if-match': '*' } })).status).toBe(404)
})

test('a dry run answers the plan, does the same checks and saves nothing', async () => {
  const plan = await it.api('PUT', '/api/v1/farms/web?dryRun=true', { body: farm() })
  expect(plan.status).toBe(200)
  expect(plan.body).toMatchObject({ farm: { name: 'web' }, plan: { steps: [{ farm: 'web' }] } })
  expect((await it.api('PUT', '/api/v1/farms/web?dryRun=true', { body: farm({ vip: 'x' }) })).status).toBe(422)
  expect((await it.api('GET', '/api/v1/farms')).body).toEqual({ items: [], next: null })
  expect((await it.api('GET', '/api/v1/audit')).body).toMatchObject({ items: [{ action: 'token.create' }] })
  expect(it.agent.desired.generation).toBe(0)
})

test('a dry run is refused like the change itself', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  expect((await it.api('PUT', '/api/v1/farms/web?dryRun=true', { body: farm({ persistenceTtl: 90 }) })).status).toBe(428)
  expect((await it.api('DELETE', '/api/v1/farms/web?dryRun=true', { headers: { 'if-match': '"g1"' } })).body).toMatchObject({ farm: null })
  expect((await it.api('PUT', '/api/v1/farms/web?dryRun=yes', { body: farm() })).status).toBe(400)
})

test('farms are listed in the order in which people count, page by page', async () => {
  for (const number of [10, 2, 1]) await it.api('PUT', `/api/v1/farms/web${number}`, { body: farm({ name: `web${number}`, vip: `203.0.113.${100 + number}` }) })
  const first = await it.api('GET', '/api/v1/farms?limit=2', { as: 'read' })
  expect(first.body).toMatchObject({ items: [{ name: 'web1' }, { name: 'web2' }], next: 'web2' })
  const second = await it.api('GET', '/api/v1/farms?limit=2&cursor=web2', { as: 'read' })
  expect(second.body).toMatchObject({ items: [{ name: 'web10' }], next: null })
  expect((await it.api('GET', '/api/v1/farms?limit=0')).body.errors).toMatchObject([{ pointer: '/limit' }])
})

test('a read with the known version answers 304 without a body', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  const reply = await it.api('GET', '/api/v1/farms/web', { headers: { 'if-none-match': '"g1"' } })
  expect([reply.status, reply.text]).toEqual([304, ''])
})

test('fifty farms created at once are all there, each in a revision of its own', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `web${index + 1}`)
  const replies = await Promise.all(names.map((name, index) => it.api('PUT', `/api/v1/farms/${name}`, { body: farm({ name, vip: `203.0.113.${100 + index}` }) })))
  expect(replies.map((reply) => reply.status)).toEqual(names.map(() => 201))
  expect((await it.api('GET', '/api/v1/farms')).body.items).toMatchObject(names.map((name) => ({ name })))
  expect(new Set(replies.map((reply) => reply.body.generation)).size).toBe(50)
  expect(it.agent.desired.generation).toBe(50)
  expect(it.agent.desired.farms).toHaveLength(50)
})
