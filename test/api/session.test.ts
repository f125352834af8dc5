import { beforeEach, describe, expect, test, vi } from 'vitest'
import { ensureAdministrator } from '#lib/server/first-run.ts'
import { db } from '#lib/server/db.ts'
import { host, testConsole, type Answer } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole({ TANGENT_ADMIN_PASSWORD: 'correct horse' })
const origin = { origin: `http://${host}` }

beforeEach(async () => {
  await ensureAdministrator()
})

function signIn(name: string, password: string, headers: Record<string, string> = {}): Promise<Answer> {
  return it.api('POST', '/api/v1/session', { as: null, body: { name, password }, headers: { ...origin, ...headers } })
}

function cookieOf(reply: Answer): string {
  return reply.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ')
}

test('signing in answers with a cookie that scripts and other sites cannot use', async () => {
  const reply = await signIn('admin', 'correct horse')
  expect(reply.status).toBe(200)
  expect(reply.body).toEqual({ user: { name: 'admin', mustChangePassword: false }, setupNeeded: false })
  expect(reply.headers.getSetCookie()[0]).toMatch(/^tangent-3000\.session_token=.*; HttpOnly; SameSite=Lax$/)
  const session = await it.api('GET', '/api/v1/session', { as: null, headers: { cookie: cookieOf(reply) } })
  expect(session.body.user).toEqual({ name: 'admin', mustChangePassword: false })
})

test('a person changes farms with the cookie and an Origin of the console, and the audit has the name', async () => {
  const cookie = cookieOf(await signIn('admin', 'correct horse'))
  expect((await it.api('PUT', '/api/v1/farms/web', { as: null, body: farm(), headers: { cookie, ...origin } })).status).toBe(201)
  expect((await it.api('GET', '/api/v1/audit', { as: null, headers: { cookie } })).body.items).toMatchObject([{ actor: 'user:admin', action: 'farm.put', target: 'web', generation: 1 }, { action: 'session.sign-in' }, {}])
})

describe('a change with a cookie is refused when it comes from another site:', () => {
  const cases: Array<[string, Record<string, string>]> = [
    ['another Origin', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:4000' }],
    ['Origin null', { origin: 'null' }],
    ['Sec-Fetch-Site cross-site', { ...origin, 'sec-fetch-site': 'cross-site' }],
    ['neither header', {}],
  ]
  for (const [title, headers] of cases) {
    test(title, async () => {
      const cookie = cookieOf(await signIn('admin', 'correct horse'))
      const reply = await it.api('PUT', '/api/v1/farms/web', { as: null, body: farm(), headers: { cookie, ...headers } })
      expect([reply.status, reply.body.type]).toEqual([403, 'urn:tangent:problem:cross-site'])
      expect((await it.api('DELETE', '/api/v1/session', { as: null, headers: { cookie, ...headers } })).status).toBe(403)
    })
  }
})

test('another site cannot sign a browser in either, and a form is no JSON', async () => {
  expect((await signIn('admin', 'correct horse', { origin: 'https://evil.example' })).status).toBe(403)
  expect((await it.api('POST', '/api/v1/session', { as: null, body: 'name=admin', headers: { ...origin, 'content-type': 'application/x-www-form-urlencoded' } })).status).toBe(415)
})

test('signing out ends the session on the server', async () => {
  const cookie = cookieOf(await signIn('admin', 'correct horse'))
  expect((await it.api('DELETE', '/api/v1/session', { as: null, headers: { cookie, ...origin } })).status).toBe(204)
  expect((await it.api('GET', '/api/v1/farms', { as: null, headers: { cookie } })).status).toBe(401)
})

test('an unknown name and a wrong password get the same answer', async () => {
  const unknown = await signIn('nobody', 'wrong password')
  const wrong = await signIn('admin', 'wrong password')
  const odd = await signIn("admin' --", 'wrong password')
  const { instance: _a, ...one } = unknown.body
  for (const reply of [wrong, odd]) {
    const { instance: _b, ...other } = reply.body
    expect([reply.status, other]).toEqual([401, one])
  }
})

test('an unknown name takes as long as a wrong password', async () => {
  const time = async (name: string): Promise<number> => {
    const start = performance.now()
    await signIn(name, 'wrong password', { 'x-forwarded-for': `192.0.2.${name.length}` })
    return performance.now() - start
  }
  await time('admin')
  const [wrong, unknown, odd] = [await time('admin'), await time('nobody'), await time("' or 1=1")]
  expect(unknown).toBeGreaterThan(wrong / 4)
  expect(odd).toBeGreaterThan(wrong / 4)
})

describe('after five failures', () => {
  const fail = async (times: number, name = 'admin', address = '192.0.2.1'): Promise<void> => {
    for (let count = 0; count < times; count++) await signIn(name, 'wrong password', { 'x-forwarded-for': address })
  }

  test('the account is locked for a moment, also for the right password and from elsewhere', async () => {
    await fail(5)
    const reply = await signIn('admin', 'correct horse', { 'x-forwarded-for': '192.0.2.2' })
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([429, '1'])
    await vi.waitFor(async () => expect((await signIn('admin', 'correct horse', { 'x-forwarded-for': '192.0.2.2' })).status).toBe(200), { timeout: 4000, interval: 100 })
  })

  test('the address is locked for other accounts too, and other addresses are not', async () => {
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) await fail(1, name)
    expect((await signIn('admin', 'correct horse', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(429)
    expect((await signIn('admin', 'correct horse', { 'x-forwarded-for': '192.0.2.2' })).status).toBe(200)
  })

  test('the lock doubles up to 15 minutes and is in the database, where a restart finds it', async () => {
    const lastAt = new Date()
    await db().signInFailure.create({ data: { key: 'account:admin', failures: 30, lastAt, until: new Date(lastAt.getTime() + 15 * 60 * 1000) } })
    expect((await signIn('admin', 'correct horse')).headers.get('retry-after')).toBe('900')
  })

  test('a clock that was put back locks nobody out for longer than that', async () => {
    const later = Date.now() + 24 * 60 * 60 * 1000
    await db().signInFailure.create({ data: { key: 'account:admin', failures: 30, lastAt: new Date(later), until: new Date(later + 60_000) } })
    expect((await signIn('admin', 'correct horse')).status).toBe(200)
  })

  test('many attempts at once do not slip through together', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => signIn('admin', 'wrong password')))
    expect(replies.filter((reply) => reply.status === 401)).toHaveLength(5)
    expect(replies.filter((reply) => reply.status === 429)).toHaveLength(15)
  })
})

test('a password change needs the old one, ends other sessions and keeps this one', async () => {
  const other = cookieOf(await signIn('admin', 'correct horse'))
  const cookie = cookieOf(await signIn('admin', 'correct horse'))
  const put = (body: unknown): Promise<Answer> => it.api('PUT', '/api/v1/session/password', { as: null, body, headers: { cookie, ...origin } })
  expect((await put({ current: 'wrong password', next: 'battery staple' })).body.errors).toMatchObject([{ pointer: '/current', code: 'password-wrong' }])
  expect((await put({ current: 'correct horse', next: 'short' })).body.errors).toMatchObject([{ pointer: '/next' }])
  expect((await put({ current: 'correct horse', next: 'correct horse' })).body.errors).toMatchObject([{ pointer: '/next', code: 'password-same' }])
  const changed = await put({ current: 'correct horse', next: 'battery staple' })
  expect(changed.status).toBe(204)
  expect((await it.api('GET', '/api/v1/farms', { as: null, headers: { cookie: cookieOf(changed) } })).status).toBe(200)
  expect((await it.api('GET', '/api/v1/farms', { as: null, headers: { cookie: other } })).status).toBe(401)
  expect((await signIn('admin', 'battery staple')).status).toBe(200)
})

test('the database has no password in clear', async () => {
  const account = await db().account.findFirstOrThrow()
  expect(account.password).toMatch(/^[0-9a-f]+:[0-9a-f]{128}$/)
})
