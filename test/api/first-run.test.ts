import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ensureAdministrator } from '#lib/server/first-run.ts'
import { host, testConsole } from './console.ts'

const it = testConsole()
const origin = { origin: `http://${host}` }

test('before the first user the session says that set-up is needed', async () => {
  expect((await it.api('GET', '/api/v1/session', { as: null })).body).toEqual({ user: null, setupNeeded: true })
})

test('the one-time password opens nothing but the change of itself', async () => {
  const { created, name, password } = await ensureAdministrator()
  expect([created, name]).toEqual([true, 'admin'])
  const signedIn = await it.api('POST', '/api/v1/session', { as: null, body: { name, password }, headers: origin })
  expect(signedIn.body.user).toEqual({ name: 'admin', mustChangePassword: true })
  const cookie = signedIn.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ')
  const refused = await it.api('GET', '/api/v1/farms', { as: null, headers: { cookie } })
  expect([refused.status, refused.body.type]).toEqual([403, 'urn:tangent:problem:password-change-needed'])
  const changed = await it.api('PUT', '/api/v1/session/password', { as: null, body: { current: password, next: 'battery staple' }, headers: { cookie, ...origin } })
  expect(changed.status).toBe(204)
  const fresh = changed.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ')
  expect((await it.api('GET', '/api/v1/farms', { as: null, headers: { cookie: fresh } })).status).toBe(200)
  expect((await it.api('POST', '/api/v1/session', { as: null, body: { name, password }, headers: origin })).status).toBe(401)
})

test('the administrator is made once', async () => {
  await ensureAdministrator()
  expect(await ensureAdministrator()).toEqual({ created: false, name: 'admin', password: null })
})

test('the key of the sessions is for the console alone', async () => {
  await ensureAdministrator()
  const file = path.join(it.folder, 'state/secret')
  expect(existsSync(file)).toBe(true)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})
