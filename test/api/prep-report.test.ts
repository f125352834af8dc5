import { beforeEach, describe, expect, test } from 'vitest'
import { reportLimit } from '#lib/prep/report.ts'
import { item, printed, report } from '#test/unit/prep/sample-report.ts'
import type { Answer } from './console.ts'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'
import { prepAudit } from './prep-audit.ts'

const it = testConsole()
const web = '/api/v1/farms/web'
const prep = `${web}/backends/web1/prep`

beforeEach(async () => {
  await it.api('PUT', web, { body: farm() })
})

const send = (body: unknown, as: 'read' | 'operate' = 'operate'): Promise<Answer> => it.api('POST', `${prep}/report`, { as, body })
const paste = (body: string): Promise<Answer> => it.api('POST', `${prep}/report`, { as: 'operate', body, headers: { 'content-type': 'text/plain;charset=UTF-8' } })

/** What was refused, after making sure that nothing was kept of it. */
async function refused({ status, body }: Answer): Promise<unknown> {
  expect(status).toBe(422)
  expect((await it.api('GET', `${prep}/state`)).body.verification).toBeNull()
  expect(await prepAudit(it)).toEqual([])
  return body.errors
}

describe('a report', () => {
  test('makes its machine verified, and stays', async () => {
    const { status, body } = await send(report())
    expect(status).toBe(200)
    expect(body).toEqual({
      backend: 'web1',
      address: '203.0.113.21',
      farms: ['web'],
      system: 'linux',
      status: 'verified',
      reason: null,
      verification: {
        receivedAt: expect.stringMatching(/Z$/),
        checkedAt: '2026-01-01T00:00:00Z',
        by: 'token:operate',
        system: 'linux',
        passed: true,
        open: [],
        items: report().items.map((item) => ({ ...item, text: expect.stringContaining(item.subject), fix: null })),
        changes: [],
      },
    })
    expect((await it.api('GET', `${prep}/state`)).body).toEqual(body)
  })

  test('with a failure says what to do about it', async () => {
    const failing = report({ items: [{ ...item, verdict: 'fail' }] })
    expect((await send(failing)).body).toMatchObject({ status: 'failed', verification: { passed: false, items: [{ text: '203.0.113.7 is not on lo, so packets for it are dropped.', fix: 'Run this script with --apply.' }] } })
  })

  test('that could not tell something, or leaves it out, has open points: it is not verified', async () => {
    const items = report().items.filter(({ code }) => code !== 'listener' && code !== 'persistence')
    const noting = report({ items: [...items, { code: 'persistence', subject: 'tangent-backend', verdict: 'warn', found: 'no unit' }, { code: 'gateway', subject: 'default route', verdict: 'warn', found: 'none' }] })
    expect((await send(noting)).body).toMatchObject({
      status: 'open',
      verification: { passed: true, open: ['The check says nothing of 203.0.113.7/tcp/80: listener.', 'After a reboot this machine is not prepared: no unit.'] },
    })
    expect((await send(report({ items: [item] }))).body).toMatchObject({ status: 'open', verification: { open: { length: 6 } } })
    expect((await send(report({ items: [{ ...item, verdict: 'fail' }] }))).body).toMatchObject({ status: 'failed', verification: { open: [] } })
  })

  test('replaces the one before', async () => {
    await send(report({ items: [{ ...item, verdict: 'fail' }] }))
    expect((await send(report())).body).toMatchObject({ status: 'verified', verification: { items: { length: report().items.length } } })
  })

  test('takes the place of one whose clock was ahead', async () => {
    await send(report({ checkedAt: '2126-01-01T00:00:00Z', items: [{ ...item, verdict: 'fail' }] }))
    expect((await send(report())).body).toMatchObject({ status: 'verified' })
  })

  test('needs the scope operate, makes no revision, and is audited', async () => {
    expect((await send(report(), 'read')).status).toBe(403)
    await send(report({ items: [...report().items, { ...item, verdict: 'fail' }] }))
    expect((await it.api('GET', '/api/v1/revisions')).body.items).toHaveLength(1)
    expect(await prepAudit(it)).toEqual([
      expect.objectContaining({ actor: 'token:operate', action: 'prep.report', target: 'web/web1', before: null, after: { address: '203.0.113.21', system: 'linux', checks: report().items.length + 1, failed: 1 } }),
    ])
  })

  test('of a script that did not have the VIPs and services of now is stale', async () => {
    expect((await send(report({ vips: ['203.0.113.9'], services: [] }))).body).toMatchObject({ status: 'stale', verification: { changes: ['VIP 203.0.113.7 was added.', 'VIP 203.0.113.9 was removed.'] } })
  })

  test('from any script tells the system of a machine for which none was chosen', async () => {
    expect((await send(report({ system: 'windows-powershell' }))).body).toMatchObject({ system: 'windows-powershell', status: 'verified' })
    expect((await send(report({ system: 'linux-redirect' }))).body).toMatchObject({ system: 'linux-redirect', status: 'verified' })
  })
})

describe('a report is refused', () => {
  test('when a newer one is here: it was copied from further up the terminal', async () => {
    await send(report({ checkedAt: '2026-01-01T00:00:01Z', items: [{ ...item, verdict: 'fail' }] }))
    const older = await send(report())
    expect([older.status, older.body.errors]).toEqual([422, [{ pointer: '/checkedAt', code: 'report-older', message: 'This report is of 2026-01-01T00:00:00Z, and a newer one of 2026-01-01T00:00:01Z is here.', hint: expect.stringContaining('Run the check again') }]])
    expect((await it.api('GET', `${prep}/state`)).body).toMatchObject({ status: 'failed' })
    expect((await send(report({ checkedAt: '2026-01-01T00:00:01Z' }))).body).toMatchObject({ status: 'verified' })
  })

  test('when it is of another machine, with both addresses', async () => {
    expect(await refused(await send(report({ backend: '203.0.113.22' })))).toMatchObject([{ pointer: '/backend', code: 'report-other-backend', message: 'This report is of 203.0.113.22, and this backend is 203.0.113.21.', hint: expect.any(String) }])
  })

  test('when it is of another script than that of the chosen system', async () => {
    await it.api('PUT', `${prep}/system`, { body: { system: 'windows-powershell' } })
    expect((await send(report())).body.errors).toMatchObject([{ pointer: '/system', code: 'report-other-system', hint: 'Check it with the script for Windows PowerShell, or choose the system that the machine has.' }])
    await it.api('PUT', `${prep}/system`, { body: { system: 'freebsd' } })
    expect((await send(report())).body.errors).toMatchObject([{ code: 'report-other-system', hint: expect.stringContaining('cannot report') }])
    await it.api('PUT', `${prep}/system`, { body: { system: 'cloud-init' } })
    expect((await send(report())).status).toBe(200)
  })

  test('when nothing is to be prepared there, and when there is no such backend', async () => {
    await it.api('PATCH', web, { body: { mode: 'snat', scheduler: 'symhash' }, headers: { 'if-match': '*' } })
    expect((await send(report())).body.errors).toMatchObject([{ code: 'nothing-to-prepare', message: expect.stringContaining('in mode snat') }])
    expect((await it.api('POST', `${web}/backends/none/prep/report`, { body: report() })).status).toBe(404)
  })
})

describe('what was pasted', () => {
  test.each([
    ['alone', (text: string) => text],
    ['between prompts, with the line ends of Windows', (text: string) => `PS C:\\> .\\x.ps1 -Mode Check -Json\r\n${text.replaceAll('\n', '\r\n')}PS C:\\>`],
  ])('is taken: a report %s', async (_, around) => {
    expect((await paste(around(printed(report())))).body).toMatchObject({ status: 'verified' })
  })

  test.each([
    ['nothing', '', 'paste-empty'],
    ['no report', 'root@web1:~# ls', 'paste-no-report'],
    ['the check in words', 'ok    203.0.113.7 is on lo.\n', 'paste-in-words'],
    ['half of a report', printed(report()).slice(0, -30), 'paste-cut'],
    ['two reports', printed(report()).repeat(2), 'paste-twice'],
  ])('is refused with what to do: %s', async (_, text, code) => {
    expect(await refused(await paste(text))).toEqual([{ pointer: '', code, message: expect.any(String), hint: expect.stringMatching(/paste|Copy|Paste/) }])
  })

  test('is checked like any other report', async () => {
    expect(await refused(await paste(printed(report({ backend: '203.0.113.22' }))))).toMatchObject([{ code: 'report-other-backend' }])
    expect(await refused(await paste(printed(report({ vips: ['everything'] }))))).toMatchObject([{ pointer: '/vips/0' }])
  })
})

describe('a hostile report', () => {
  test('of 10 MB is refused, declared or not, as JSON or as text', async () => {
    const body = ' '.repeat(10 * 1024 * 1024)
    for (const type of ['application/json', 'text/plain']) {
      const answers = [await it.api('POST', `${prep}/report`, { body, headers: { 'content-type': type } }), await it.api('POST', `${prep}/report`, { body, headers: { 'content-type': type, 'content-length': String(body.length) } })]
      for (const { status, body: problem } of answers) expect([status, problem.detail]).toEqual([413, expect.stringContaining(String(reportLimit))])
    }
  })

  test('of another type or without JSON is refused', async () => {
    expect((await it.api('POST', `${prep}/report`, { body: printed(report()), headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status).toBe(415)
    expect((await send('{"format":')).status).toBe(400)
    expect((await it.api('POST', `${prep}/report`)).status).toBe(415)
  })

  test('that is nested a hundred thousand times is refused, and the console goes on', async () => {
    const deep = `{"format":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(await refused(await send(deep))).toContainEqual(expect.objectContaining({ pointer: '/format' }))
    expect((await paste(deep)).status).toBe(422)
    expect((await send(report())).status).toBe(200)
  })

  test.each([
    ['control characters', { items: [{ ...item, found: '\u001b[2J' }] }],
    ['letters that hide', { items: [{ ...item, subject: 'eth0\u202e' }] }],
    ['a command', { items: [{ ...item, subject: '$(reboot)' }] }],
    ['a field that nobody knows', { more: 1 }],
    ['too many items', { items: Array.from({ length: 9000 }, () => ({ code: 'a' })) }],
    ['addresses that are none', { vips: ['::ffff:1.2.3.4'] }],
  ])('with %s is refused', async (_, different) => {
    expect(await refused(await send({ ...report(), ...different }))).not.toEqual([])
  })

  test.each(['"__proto__":{"passed":true},', '"constructor":{"prototype":{"passed":true}},'])('with the key of %s is refused and changes no object', async (key) => {
    await refused(await send(JSON.stringify(report()).replace('{', `{${key}`)))
    expect(Reflect.get({}, 'passed')).toBeUndefined()
  })

  test('with checks that no script of ours makes is shown as it is', async () => {
    const items = ['constructor', 'from-another-version'].map((code) => ({ ...item, code, verdict: 'fail' as const, found: 'x' }))
    expect((await send(report({ items }))).body).toMatchObject({ status: 'failed', verification: { items: items.map(({ code }) => ({ code, text: `${code}: 203.0.113.7 x`, fix: null })) } })
  })
})
