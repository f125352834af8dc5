import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { linkCommands } from '#lib/prep/link-commands.ts'
import { reportLimit } from '#lib/prep/report.ts'
import type { PrepLink } from '#lib/prep/state.ts'
import { db } from '#lib/server/db.ts'
import { forgetOldPreparation } from '#lib/server/prep-machines.ts'
import { singleton } from '#lib/server/singleton.ts'
import { stop } from '#lib/server/stop.ts'
import { printed, report } from '#test/unit/prep/sample-report.ts'
import { host, testConsole, type Answer } from './console.ts'
import { farm } from './farm.ts'
import { prepAudit } from './prep-audit.ts'

const it = testConsole()
const web = '/api/v1/farms/web'
const prep = `${web}/backends/web1/prep`
const anyVersion = { 'if-match': '*' }

beforeEach(async () => {
  await it.api('PUT', web, { body: farm() })
})

afterEach(() => {
  vi.useRealTimers()
})

async function makeLink(body: object = {}, from = prep): Promise<PrepLink> {
  const reply = await it.api('POST', `${from}/link`, { as: 'operate', body })
  expect(reply.status).toBe(201)
  return reply.body as unknown as PrepLink
}

const fetchScript = (link: string): Promise<Answer> => it.api('GET', link, { as: null })
const sendReport = (link: string, body: unknown = report()): Promise<Answer> => it.api('POST', link, { as: null, body })

/** Both that a link hands nothing out and that it takes nothing, and in which words. */
async function dead(link: string): Promise<unknown> {
  const [script, sent] = [await fetchScript(link), await sendReport(link)]
  expect([script.status, sent.status, sent.body.detail]).toEqual([404, 404, script.body.detail])
  return script.body.detail
}

describe('a link', () => {
  test('hands out the script of its machine without signing in', async () => {
    const link = await makeLink()
    expect(link).toEqual({ path: expect.stringMatching(/^\/api\/v1\/prep-links\/[\w-]{43}$/), system: 'linux', expiresAt: expect.any(String) })
    const reply = await fetchScript(link.path)
    expect(reply.text).toBe((await it.api('GET', `${prep}?system=linux`)).text)
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-type': 'text/plain; charset=us-ascii',
      'content-disposition': expect.stringMatching(/^attachment; filename="[A-Za-z0-9._-]+"$/),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    expect(reply.headers.has('set-cookie')).toBe(false)
  })

  test('makes commands of one line with the address of the console', async () => {
    const { path: link, system } = await makeLink()
    expect(linkCommands(system, `https://${host}${link}`)?.apply).toContain(link)
  })

  test('hands out the script of now, not that of when it was made', async () => {
    const { path: link } = await makeLink()
    await it.api('PATCH', web, { body: { additionalVips: ['203.0.113.8'] }, headers: anyVersion })
    expect((await fetchScript(link)).text).toContain('203.0.113.8')
  })

  test('is for the system that was chosen, or remembers the one that it is made for', async () => {
    await it.api('PUT', `${prep}/system`, { body: { system: 'linux-redirect' } })
    expect(await makeLink()).toMatchObject({ system: 'linux-redirect' })
    expect(await makeLink({ system: 'windows-powershell' })).toMatchObject({ system: 'windows-powershell' })
    expect((await it.api('GET', `${prep}/state`)).body).toMatchObject({ system: 'windows-powershell' })
  })

  test('takes the report of its machine, also from a page of another site: there is no session to abuse', async () => {
    const { path: link } = await makeLink()
    const reply = await it.api('POST', link, { as: null, body: report(), headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } })
    expect([reply.status, reply.body]).toEqual([200, { status: 'verified', changes: [] }])
    expect((await it.api('GET', `${prep}/state`)).body).toMatchObject({ status: 'verified', verification: { by: 'link', passed: true } })
    expect((await sendReport(link, report({ vips: [], services: [] }))).body).toEqual({ status: 'stale', changes: ['VIP 203.0.113.7 was added.'] })
  })

  test('is one for all farms of its machine, and the newest of them works alone', async () => {
    await it.api('PUT', '/api/v1/farms/shop', { body: farm({ name: 'shop', vip: '203.0.113.8', backends: [{ name: 'shop1', address: '203.0.113.21' }] }) })
    const [first, second, other] = [await makeLink(), await makeLink({}, '/api/v1/farms/shop/backends/shop1/prep'), await makeLink({}, `${web}/backends/web2/prep`)]
    await dead(first.path)
    expect([(await fetchScript(second.path)).status, (await fetchScript(other.path)).status]).toEqual([200, 200])
  })

  test('works after the console started anew', async () => {
    const { path: link } = await makeLink()
    await stop()
    expect((await fetchScript(link)).status).toBe(200)
  })
})

describe('a link ends', () => {
  test('after an hour, or after as many minutes as were asked for, and is deleted', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const begun = Date.now()
    const [hour, day] = [await makeLink(), await makeLink({ minutes: 1440 }, `${web}/backends/web2/prep`)]
    expect([hour.expiresAt, day.expiresAt].map((text) => Date.parse(text) - begun)).toEqual([3_600_000, 86_400_000])
    vi.setSystemTime(begun + 3_599_999)
    expect((await fetchScript(hour.path)).status).toBe(200)
    vi.setSystemTime(begun + 3_600_000)
    await dead(hour.path)
    expect((await fetchScript(day.path)).status).toBe(200)
    await forgetOldPreparation()
    expect(await db().prepLink.findMany({ select: { address: true } })).toEqual([{ address: '203.0.113.22' }])
  })

  test('with the last farm in mode dsr that its machine serves', async () => {
    const { path: link } = await makeLink()
    await it.api('PATCH', web, { body: { mode: 'snat', scheduler: 'symhash' }, headers: anyVersion })
    await dead(link)
    await it.api('DELETE', web, { headers: anyVersion })
    await dead(link)
  })

  test('after a hundred reports', async () => {
    const { path: link } = await makeLink()
    for (let count = 0; count < 100; count++) expect((await sendReport(link)).status).toBe(200)
    await dead(link)
    expect(await prepAudit(it)).toHaveLength(101)
  })

  test('in the same words as one that never was', async () => {
    const { path: link } = await makeLink()
    const never = await dead(`${link.slice(0, -43)}${'x'.repeat(43)}`)
    await makeLink()
    expect(await dead(link)).toBe(never)
    for (const token of ['', '%00', "'%20OR%201=1--", 'a'.repeat(5000), '..%2f..']) expect((await fetchScript(`/api/v1/prep-links/${token}`)).status).toBe(404)
  })
})

describe('a link is refused', () => {
  test('to those who may only read', async () => {
    expect((await it.api('POST', `${prep}/link`, { as: 'read', body: {} })).status).toBe(403)
  })

  test.each([[{ minutes: 4 }, '/minutes'], [{ minutes: 1441 }, '/minutes'], [{ minutes: 5.5 }, '/minutes'], [{ minutes: '60' }, '/minutes'], [{ system: 'beos' }, '/system'], [{ token: 'mine' }, '']])('for %j', async (body, pointer) => {
    const reply = await it.api('POST', `${prep}/link`, { body })
    expect([reply.status, reply.body.errors]).toEqual([422, [expect.objectContaining({ pointer })]])
    expect(await db().prepLink.count()).toBe(0)
  })

  test('for a machine that needs no preparation, and for one that is not there', async () => {
    await it.api('PATCH', web, { body: { mode: 'dnat', scheduler: 'symhash' }, headers: anyVersion })
    expect((await it.api('POST', `${prep}/link`, { body: { system: 'ansible' } })).body.errors).toMatchObject([{ code: 'nothing-to-prepare' }])
    expect((await it.api('POST', `${web}/backends/none/prep/link`, { body: {} })).status).toBe(404)
    expect([await db().prepLink.count(), await db().prepMachine.count()]).toEqual([0, 0])
  })
})

describe('a link can do nothing else', () => {
  test('than GET and POST of its own address', async () => {
    const { path: link } = await makeLink()
    expect(it.routes.find(({ pattern }) => pattern === '/api/v1/prep-links/[token]')?.methods).toEqual(['GET', 'POST'])
    const authorization = `Bearer ${path.basename(link)}`
    for (const target of [web, prep, `${prep}/state`, '/api/v1/status', '/api/v1/audit', '/api/v1/prep-links']) {
      expect([401, 404], target).toContain((await it.api('GET', target, { as: null, headers: { authorization } })).status)
      expect([401, 404], target).toContain((await it.api('GET', `${target}?token=${path.basename(link)}`, { as: null })).status)
    }
    expect((await it.api('POST', `${prep}/link`, { as: null, body: {}, headers: { authorization } })).status).toBe(401)
    expect((await it.api('POST', `${prep}/report`, { as: null, body: report(), headers: { authorization } })).status).toBe(401)
  })

  test('than take a report of its own machine and its own script; what it refuses leaves no trace', async () => {
    const { path: link } = await makeLink()
    const refused: Array<[number, Answer]> = [
      [422, await sendReport(link, report({ backend: '203.0.113.22' }))],
      [422, await sendReport(link, report({ system: 'windows-powershell' }))],
      [422, await sendReport(link, { system: 'linux' })],
      [422, await it.api('POST', link, { as: null, body: printed(report()).slice(0, -9), headers: { 'content-type': 'text/plain' } })],
      [400, await sendReport(link, '{')],
      [415, await it.api('POST', link, { as: null })],
      [415, await it.api('POST', link, { as: null, body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
      [413, await sendReport(link, ' '.repeat(reportLimit + 1))],
    ]
    expect(refused.map(([, { status }]) => status)).toEqual(refused.map(([expected]) => expected))
    expect((await it.api('GET', `${prep}/state`)).body).toMatchObject({ status: 'never-checked' })
    expect((await prepAudit(it)).map(({ action }) => action)).toEqual(['prep.link'])
    expect(await db().prepLink.findMany({ select: { reports: true } })).toEqual([{ reports: 0 }])
  })
})

describe('the secret of a link', () => {
  test('is kept as a hash: neither the audit nor any file of the console has it', async () => {
    const { path: link, expiresAt } = await makeLink({ system: 'ansible', minutes: 5 })
    await sendReport(link)
    expect(await prepAudit(it)).toEqual([
      expect.objectContaining({ actor: 'link', action: 'prep.report', target: 'web/web1', after: { address: '203.0.113.21', system: 'linux', checks: report().items.length, failed: 0 } }),
      expect.objectContaining({ actor: 'token:operate', action: 'prep.link', target: 'web/web1', before: null, after: { address: '203.0.113.21', system: 'ansible', expiresAt } }),
      expect.objectContaining({ actor: 'token:operate', action: 'prep.system' }),
    ])
    const folder = path.join(it.folder, 'state')
    for (const file of readdirSync(folder)) expect(readFileSync(path.join(folder, file)).includes(path.basename(link)), file).toBe(false)
  })

  test('is in no line of the log, not even when something breaks', async () => {
    const { path: link } = await makeLink()
    await stop()
    let lines = ''
    const stream = new Writable({ write: (chunk, _, done) => done(void (lines += String(chunk))) })
    singleton('log', () => pino({ level: 'trace' }, stream))
    expect((await fetchScript(link)).status).toBe(200)
    await db().$executeRawUnsafe(`CREATE TRIGGER no_audit BEFORE INSERT ON "Audit" BEGIN SELECT RAISE(ABORT, 'no'); END`)
    expect((await sendReport(link)).status).toBe(500)
    await db().$executeRawUnsafe('ALTER TABLE "PrepLink" RENAME TO "Gone"')
    expect((await fetchScript(link)).status).toBe(500)
    expect(lines.match(/request failed/g)).toHaveLength(2)
    expect(lines).not.toContain(path.basename(link))
  })
})
