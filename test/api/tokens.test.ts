import { describe, expect, test } from 'vitest'
import { db } from '#lib/server/db.ts'
import { createToken } from '#lib/server/tokens.ts'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()

test('a token is shown once, works, and is kept as a hash', async () => {
  const made = await it.api('POST', '/api/v1/tokens', { body: { name: 'ci', scope: 'write' } })
  expect(made.status).toBe(201)
  const { token } = made.body as unknown as { token: string }
  expect(token).toMatch(/^tangent_[\w-]{43}$/)
  expect(JSON.stringify(await db().token.findMany())).not.toContain(token)
  expect((await it.api('PUT', '/api/v1/farms/web', { as: null, body: farm(), headers: { authorization: `Bearer ${token}` } })).status).toBe(201)
  const listed = await it.api('GET', '/api/v1/tokens')
  expect(listed.text).not.toContain(token)
  expect(listed.body.items).toMatchObject([{ name: 'admin' }, { name: 'ci', scope: 'write', expiresAt: null, lastUsedAt: expect.any(String) }])
  expect((await it.api('GET', '/api/v1/audit')).body.items).toMatchObject([{ actor: 'token:ci', action: 'farm.put' }, { actor: 'token:admin', action: 'token.create', target: 'ci' }, {}])
})

test('a deleted token stops working at once', async () => {
  const { token } = await createToken({ name: 'ci', scope: 'read', expiresAt: null }, { name: 'test' })
  const headers = { authorization: `Bearer ${token}` }
  expect((await it.api('GET', '/api/v1/farms', { as: null, headers })).status).toBe(200)
  expect((await it.api('DELETE', '/api/v1/tokens/ci')).status).toBe(204)
  expect((await it.api('GET', '/api/v1/farms', { as: null, headers })).status).toBe(401)
  expect((await it.api('DELETE', '/api/v1/tokens/ci')).status).toBe(404)
})

test('an expired token is refused and says so', async () => {
  const { token } = await createToken({ name: 'ci', scope: 'read', expiresAt: '2020-01-01T00:00:00Z' }, { name: 'test' })
  const reply = await it.api('GET', '/api/v1/farms', { as: null, headers: { authorization: `Bearer ${token}` } })
  expect([reply.status, reply.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  expect(reply.body.detail).toContain('expired at 2020-01-01')
})

test('two tokens cannot have one name', async () => {
  await it.api('POST', '/api/v1/tokens', { body: { name: 'ci', scope: 'read' } })
  expect((await it.api('POST', '/api/v1/tokens', { body: { name: 'ci', scope: 'admin' } })).status).toBe(409)
})

test('no token, a wrong one and another scheme are 401', async () => {
  const attempts: Array<Record<string, string>> = [{}, { authorization: 'Bearer nonsense' }, { authorization: 'Basic YWRtaW46eA==' }, { cookie: 'tangent-3000.session_token=forged.signature' }]
  for (const headers of attempts) {
    expect((await it.api('GET', '/api/v1/farms', { as: null, headers })).status).toBe(401)
  }
})

describe('each scope may do what it says and no more:', () => {
  type Act = { method: string; path: string }
  const read: Act = { method: 'GET', path: '/api/v1/farms' }
  const operate: Act = { method: 'PUT', path: '/api/v1/farms/web/backends/web1/admin-state' }
  const write: Act = { method: 'PATCH', path: '/api/v1/farms/web' }
  const admin: Act = { method: 'GET', path: '/api/v1/tokens' }
  const bodies: Record<string, unknown> = { [operate.path]: { adminState: 'draining' }, [write.path]: { persistenceTtl: 90 } }
  const allowed = { read: [read], operate: [read, operate], write: [read, operate, write], admin: [read, operate, write, admin] }

  for (const scope of ['read', 'operate', 'write', 'admin'] as const) {
    test(scope, async () => {
      await it.api('PUT', '/api/v1/farms/web', { body: farm() })
      for (const act of [read, operate, write, admin]) {
        const { method, path } = act
        const reply = await it.api(method, path, { as: scope, body: bodies[path], headers: { 'if-match': '*' } })
        expect(reply.status, `${method} ${path}`).toBe(allowed[scope].includes(act) ? 200 : 403)
      }
    })
  }
})
