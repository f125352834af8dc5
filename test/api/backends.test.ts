import { beforeEach, expect, test } from 'vitest'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()
const web1 = '/api/v1/farms/web/backends/web1'

beforeEach(async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
})

test('backends are listed and read with the ETag of their farm', async () => {
  expect((await it.api('GET', '/api/v1/farms/web/backends', { as: 'read' })).body.items).toMatchObject([{ name: 'web1' }, { name: 'web2' }])
  const reply = await it.api('GET', web1, { as: 'read' })
  expect(reply.headers.get('etag')).toBe('"g1"')
  expect(reply.body).toMatchObject({ name: 'web1', address: '203.0.113.21', weight: 1 })
})

test('a backend is added with PUT, changed with PATCH and taken out with DELETE', async () => {
  const added = await it.api('PUT', '/api/v1/farms/web/backends/web3', { body: { address: '203.0.113.23' } })
  expect(added.status).toBe(201)
  expect(added.body.farm).toMatchObject({ backends: [{ name: 'web1' }, { name: 'web2' }, { name: 'web3', address: '203.0.113.23' }] })
  const changed = await it.api('PATCH', '/api/v1/farms/web/backends/web3', { body: { weight: 5 }, headers: { 'if-match': '"g2"' } })
  expect(changed.body.farm).toMatchObject({ backends: [{}, {}, { name: 'web3', weight: 5 }] })
  const gone = await it.api('DELETE', '/api/v1/farms/web/backends/web3', { headers: { 'if-match': '"g3"' } })
  expect(gone.body.farm).toMatchObject({ backends: [{ name: 'web1' }, { name: 'web2' }] })
  expect(it.agent.desired.farms[0]?.backends).toHaveLength(2)
})

test('the pointers of a backend point into the body of the backend', async () => {
  const reply = await it.api('PUT', web1, { body: { address: '203.0.113.22', port: 8080, weight: 0 }, headers: { 'if-match': '*' } })
  expect(reply.status).toBe(422)
  const pointers = (reply.body.errors as unknown as Array<{ pointer: string }>).map((error) => error.pointer)
  expect(pointers).toContain('/port')
  expect(pointers).toContain('/weight')
})

test('changing a backend needs the version of its farm', async () => {
  expect((await it.api('PATCH', web1, { body: { weight: 5 } })).status).toBe(428)
  await it.api('PATCH', '/api/v1/farms/web', { body: { persistenceTtl: 90 }, headers: { 'if-match': '*' } })
  const reply = await it.api('PATCH', web1, { body: { weight: 5 }, headers: { 'if-match': '"g1"' } })
  expect([reply.status, reply.body.current]).toEqual([412, expect.objectContaining({ name: 'web1', weight: 1 })])
})

test('what does not exist is 404 in words', async () => {
  expect((await it.api('GET', '/api/v1/farms/web/backends/none')).body.detail).toBe('Farm web has no backend none.')
  expect((await it.api('PUT', '/api/v1/farms/none/backends/web1', { body: { address: '203.0.113.23' } })).status).toBe(404)
  expect((await it.api('DELETE', '/api/v1/farms/web/backends/none', { headers: { 'if-match': '*' } })).status).toBe(404)
})

test('the admin state has an ETag of its own, which other changes of the farm leave alone', async () => {
  const before = await it.api('GET', `${web1}/admin-state`, { as: 'read' })
  expect(before.body).toEqual({ adminState: 'enabled' })
  const etag = before.headers.get('etag') ?? ''
  await it.api('PATCH', '/api/v1/farms/web', { body: { persistenceTtl: 90 }, headers: { 'if-match': '*' } })
  const drained = await it.api('PUT', `${web1}/admin-state`, { as: 'operate', body: { adminState: 'draining' }, headers: { 'if-match': etag } })
  expect(drained.status).toBe(200)
  expect(drained.body).toMatchObject({ generation: 3, farm: { backends: [{ name: 'web1', adminState: 'draining' }, {}] } })
  expect(drained.headers.get('etag')).toBe((await it.api('GET', `${web1}/admin-state`)).headers.get('etag'))
  const late = await it.api('PUT', `${web1}/admin-state`, { as: 'operate', body: { adminState: 'disabled' }, headers: { 'if-match': etag } })
  expect([late.status, late.body.current]).toEqual([412, { adminState: 'draining' }])
})

test('an admin state that is there already makes no revision', async () => {
  const reply = await it.api('PUT', `${web1}/admin-state`, { as: 'operate', body: { adminState: 'enabled' } })
  expect([reply.status, reply.body.generation]).toEqual([200, 1])
})

test('an unknown admin state and unknown fields are refused', async () => {
  const reply = await it.api('PUT', `${web1}/admin-state`, { body: { adminState: 'off', why: 'x' }, headers: { 'if-match': '*' } })
  expect(reply.status).toBe(422)
  expect(reply.body.errors).toMatchObject([{ pointer: '/adminState', code: 'value-invalid' }, { code: 'unknown-key' }])
})
