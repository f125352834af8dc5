import { afterEach, expect, test, vi } from 'vitest'
import { doctorCrons } from '#lib/domain/doctor/schedule.ts'
import { db } from '#lib/server/db.ts'
import { planRuns } from '#lib/server/doctor-schedule.ts'
import { stop } from '#lib/server/stop.ts'
import { testConsole, type Answer } from './console.ts'
import { holdDoctor, runs, startRun, whenDone } from './doctor-runs.ts'
import { farm } from './farm.ts'

const it = testConsole()
const path = '/api/v1/doctor-schedule'
const minute = 60_000

afterEach(() => {
  vi.useRealTimers()
})

function put(cron: unknown): Promise<Answer> {
  return it.api('PUT', path, { as: 'write', body: { cron } })
}

async function scheduled(): Promise<Array<Record<string, unknown>>> {
  const { items } = (await it.api('GET', runs)).body as unknown as { items: Array<Record<string, unknown>> }
  return items.filter(({ actor }) => actor === 'schedule')
}

/** Moves the clock of the scheduler on; the database and the sockets keep their own time. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

function holdClock(at: string): void {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date(at) })
}

test('is off until somebody sets it, and says when it is next', async () => {
  expect((await it.api('GET', path, { as: 'read' })).body).toEqual({ cron: null, next: null })
  const { status, body } = await put(` ${doctorCrons.hourly} `)
  expect([status, body.cron]).toEqual([200, doctorCrons.hourly])
  const wait = Date.parse(String(body.next)) - Date.now()
  expect(wait > 0 && wait <= 60 * minute).toBe(true)
  expect((await it.api('GET', path, { as: 'read' })).body).toEqual(body)
  expect((await it.api('PUT', path, { body })).body).toEqual(body)
  expect((await put(null)).body).toEqual({ cron: null, next: null })
})

test('is a right cron expression or nothing', async () => {
  for (const cron of ['', 'nightly', '* * * * * *', '61 * * * *', '1-999999999 * * * *', '0 0 30 2 *', '*'.repeat(10_000)]) {
    expect((await put(cron)).body, cron.slice(0, 30)).toMatchObject({ status: 422, errors: [{ pointer: '/cron', code: 'cron-invalid', message: expect.any(String), hint: expect.stringContaining('0 3 * * *') }] })
  }
  expect((await put(3)).body.errors).toMatchObject([{ pointer: '/cron' }])
  expect((await it.api('PUT', path, { body: {} })).status).toBe(422)
  expect((await it.api('GET', path)).body).toEqual({ cron: null, next: null })
})

test('is set by whoever may write, and audited when it changes', async () => {
  expect((await it.api('PUT', path, { as: 'operate', body: { cron: null } })).status).toBe(403)
  expect((await it.api('GET', path, { as: null })).status).toBe(401)
  for (const cron of [doctorCrons.nightly, doctorCrons.nightly, '*/15 * * * *', null, null]) await put(cron)
  const { items } = (await it.api('GET', '/api/v1/audit')).body as unknown as { items: Array<{ action: string; before: unknown; after: unknown }> }
  expect(items.filter(({ action }) => action === 'doctor.schedule').map(({ before, after }) => [before, after])).toEqual([
    [{ cron: '*/15 * * * *' }, { cron: null }],
    [{ cron: doctorCrons.nightly }, { cron: '*/15 * * * *' }],
    [{ cron: null }, { cron: doctorCrons.nightly }],
  ])
})

test('examines everything when its time has come, again and again, until it is taken away', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  holdClock('2026-11-21T10:58:30')
  await put('*/2 * * * *')
  await pass(minute)
  expect(await scheduled()).toEqual([])
  await pass(minute)
  await vi.waitFor(async () => expect(await scheduled()).toMatchObject([{ state: 'done', actor: 'schedule', scope: { farm: null, backend: null }, progress: { done: 1, total: 1 } }]))
  await pass(2 * minute)
  await vi.waitFor(async () => expect(await scheduled()).toMatchObject([{ state: 'done' }, { state: 'done' }]))
  await put(null)
  await pass(10 * minute)
  expect(await scheduled()).toHaveLength(2)
  expect((await it.api('GET', '/api/v1/audit')).text).not.toContain('doctor.start')
})

test('that is replaced runs at its new times alone', async () => {
  holdClock('2026-11-21T10:58:30')
  await put('*/2 * * * *')
  expect((await put('30 11 * * *')).body.next).toBe(new Date('2026-11-21T11:30:00').toISOString())
  await pass(10 * minute)
  expect(await scheduled()).toEqual([])
  await pass(22 * minute)
  await vi.waitFor(async () => expect(await scheduled()).toHaveLength(1))
})

test('begins again when the console does', async () => {
  holdClock('2026-11-21T10:58:30')
  await put('0 11 * * *')
  await stop()
  await planRuns()
  expect((await it.api('GET', path)).body).toEqual({ cron: '0 11 * * *', next: new Date('2026-11-21T11:00:00').toISOString() })
  await pass(2 * minute)
  await vi.waitFor(async () => expect(await scheduled()).toHaveLength(1))
})

test('waits for the next time while everything is being examined', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  const { release } = holdDoctor(it)
  const { id } = await startRun(it)
  holdClock('2026-11-21T10:58:30')
  await put('* * * * *')
  await pass(3 * minute)
  expect(await scheduled()).toEqual([])
  release('web')
  await whenDone(it, id)
  await pass(minute)
  await vi.waitFor(async () => expect(await scheduled()).toMatchObject([{ state: 'done' }]))
})

test('that another version saved and this one does not take is shown and never runs', async () => {
  await db().doctorSchedule.create({ data: { cron: '* * * * * *' } })
  await planRuns()
  expect((await it.api('GET', path)).body).toEqual({ cron: '* * * * * *', next: null })
})
