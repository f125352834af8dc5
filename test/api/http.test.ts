import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()
const web = '/api/v1/farms/web'

test('a body of 10 MB is refused with 413, declared or not', async () => {
  const body = JSON.stringify({ name: 'x'.repeat(10 * 1024 * 1024) })
  expect((await it.api('PUT', web, { body })).status).toBe(413)
  expect((await it.api('PUT', web, { body, headers: { 'content-length': String(body.length) } })).status).toBe(413)
})

test('a body that is not JSON is refused with 400 or 415', async () => {
  expect((await it.api('PUT', web, { body: '{"name": ' })).status).toBe(400)
  expect((await it.api('PUT', web, { body: '' })).status).toBe(400)
  expect((await it.api('PUT', web, { body: 'name: web', headers: { 'content-type': 'text/yaml' } })).status).toBe(415)
  expect((await it.api('PUT', web)).status).toBe(415)
})

test('a body nested a hundred thousand times is refused and the console goes on', async () => {
  const body = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)
  await it.api('PUT', web, { body: farm() })
  expect([400, 422]).toContain((await it.api('PATCH', web, { body, headers: { 'if-match': '*' } })).status)
  expect((await it.api('GET', web)).status).toBe(200)
})

test('every answer forbids sniffing and framing, is not cached, and has an id', async () => {
  for (const reply of [await it.api('GET', '/api/v1/farms'), await it.api('GET', web), await it.api('GET', '/healthz', { as: null })]) {
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
    expect(reply.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(reply.headers.get('cache-control')).toBe('no-store')
    expect(reply.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  }
})

test('an address that does not exist is a problem, not a page', async () => {
  const reply = await it.api('GET', '/api/v1/nothing/here', { as: null })
  expect([reply.status, reply.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
})

test('health and readiness need no sign-in', async () => {
  for (const path of ['/healthz', '/readyz', '/api/v1/healthz', '/api/v1/readyz']) expect((await it.api('GET', path, { as: null })).status, path).toBe(200)
})

test('openapi.json is valid and has every route and method, and no other', async () => {
  const reply = await it.api('GET', '/api/v1/openapi.json', { as: null })
  expect(await new Validator().validate(JSON.parse(reply.text))).toEqual({ valid: true })
  const paths = reply.body.paths as unknown as Record<string, Record<string, unknown>>
  const described = Object.entries(paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`))
  const served = it.routes
    .filter((route) => route.pattern.startsWith('/api/v1/') && !route.pattern.includes('[...'))
    .flatMap((route) => route.methods.map((method) => `${method} ${route.pattern.slice('/api/v1'.length).replaceAll('[', '{').replaceAll(']', '}')}`))
  expect(described.sort()).toEqual(served.sort())
})

test('the schema of a farm is in openapi.json with its limits', async () => {
  const { body } = await it.api('GET', '/api/v1/openapi.json', { as: null })
  expect(body).toMatchObject({ components: { schemas: { Farm: { properties: { persistenceTtl: { minimum: 1 }, mode: { enum: ['dsr', 'snat', 'dnat', 'stateless-dnat'] } } } } } })
})
