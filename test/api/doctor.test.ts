import { beforeEach, describe, expect, test, vi } from 'vitest'
import { doctorCheckNames } from '#lib/domain/doctor/checks.ts'
import { doctorReportSchema, doctorRunSchema } from '#lib/domain/doctor/run.ts'
import { db } from '#lib/server/db.ts'
import { forgetOldRuns } from '#lib/server/doctor-runs.ts'
import { stop } from '#lib/server/stop.ts'
import { report as prepReport } from '#test/unit/prep/sample-report.ts'
import { testConsole } from './console.ts'
import { evidenceOf } from './doctor-evidence.ts'
import { holdDoctor, reportOf, runs, runThrough, seeReport, startRun, whenDone } from './doctor-runs.ts'
import { farm } from './farm.ts'

const it = testConsole()
const web = '/api/v1/farms/web'
const anyVersion = { 'if-match': '*' }

beforeEach(async () => {
  await it.api('PUT', web, { body: farm() })
})

/** Adds farms farm1, farm2 … beside farm web. */
async function addFarms(count: number): Promise<void> {
  for (let index = 1; index <= count; index++) await it.api('PUT', `/api/v1/farms/farm${index}`, { body: farm({ name: `farm${index}`, ports: [String(1000 + index)] }) })
}

/** From now on the application of web1 listens at its own address alone. */
function breakWeb1(): void {
  it.agent.doctor = (one, request) => {
    const evidence = evidenceOf(one, request)
    for (const { name, vips } of evidence.backends) if (name === 'web1') for (const answer of vips) Object.assign(answer, { reason: 'refused', detail: 'Connection refused.' })
    return evidence
  }
}

async function listed(query = ''): Promise<Array<Record<string, unknown>>> {
  return (await it.api('GET', `${runs}${query}`, { as: 'read' })).body.items as unknown as Array<Record<string, unknown>>
}

describe('a run', () => {
  test('answers at once, is worked through farm by farm, and each result is there as soon as it is known', async () => {
    await addFarms(2)
    const { release } = holdDoctor(it)
    const run = await startRun(it)
    expect(run).toEqual({ id: 1, state: 'running', startedAt: expect.any(String), endedAt: null, actor: 'token:operate', scope: { farm: null, backend: null }, progress: { done: 0, total: 3 }, counts: { backends: 0, healthy: 0, findings: 0 } })
    release('web')
    const first = await seeReport(it, run.id, ({ progress }) => expect(progress).toEqual({ done: 1, total: 3 }))
    expect(first).toMatchObject({ state: 'running', farms: [{ farm: 'web', trouble: null, rows: [{ backend: 'web1', address: '203.0.113.21' }, { backend: 'web2' }] }] })
    expect(await listed()).toMatchObject([{ id: run.id, state: 'running', progress: { done: 1 } }])
    release('farm1')
    release('farm2')
    const done = await whenDone(it, run.id)
    expect(doctorReportSchema.parse(done)).toMatchObject({ endedAt: expect.any(String), progress: { done: 3, total: 3 }, counts: { backends: 6 }, farms: [{ farm: 'farm1' }, { farm: 'farm2' }, { farm: 'web' }] })
    expect(done.farms[0]?.rows[0]?.cells.map(({ check }) => check)).toEqual(doctorCheckNames)
    expect((await listed()).map((item) => doctorRunSchema.parse(item).state)).toEqual(['done'])
  })

  test('counts backends that are well, and findings', async () => {
    breakWeb1()
    const { counts, farms } = await runThrough(it)
    expect(counts).toEqual({ backends: 2, healthy: 1, findings: 1 })
    expect(farms[0]?.rows).toMatchObject([{ findings: [{ code: 'vip-refused' }] }, { findings: [] }])
  })

  test('takes what the last check of the preparation said for telling causes apart', async () => {
    breakWeb1()
    const causes = async (): Promise<number | undefined> => (await runThrough(it, { farm: 'web', backend: 'web1' })).farms[0]?.rows[0]?.findings[0]?.causes.length
    expect(await causes()).toBe(2)
    const elsewhere = { code: 'listener-elsewhere', subject: '203.0.113.7/tcp/80', verdict: 'fail' as const, found: '203.0.113.21' }
    await it.api('POST', `${web}/backends/web1/prep/report`, { body: prepReport({ items: [elsewhere] }) })
    expect(await causes()).toBe(1)
  })

  test('of one farm or one backend asks for nothing else', async () => {
    await addFarms(1)
    expect(await runThrough(it, { farm: 'web' })).toMatchObject({ scope: { farm: 'web', backend: null }, progress: { total: 1 }, farms: [{ farm: 'web', rows: [{}, {}] }] })
    const one = await runThrough(it, { farm: 'web', backend: 'web2' })
    expect(one.scope).toEqual({ farm: 'web', backend: 'web2' })
    expect(one.farms.map(({ rows }) => rows.map(({ backend }) => backend))).toEqual([['web2']])
  })

  test('of everything, without a farm, is done at once', async () => {
    await it.api('DELETE', web, { headers: anyVersion })
    expect(await runThrough(it)).toMatchObject({ progress: { done: 0, total: 0 }, farms: [] })
  })

  test('examines four farms at a time, whatever runs are under way', async () => {
    await addFarms(5)
    const { asked, release } = holdDoctor(it)
    const all = await startRun(it)
    const one = await startRun(it, { farm: 'farm5' })
    await vi.waitFor(() => expect(asked).toEqual(['farm1', 'farm2', 'farm3', 'farm4']))
    expect((await it.api('PUT', web, { body: farm({ persistenceTtl: 90 }), headers: anyVersion })).body).toMatchObject({ pending: false })
    expect(asked).toHaveLength(4)
    for (const { name } of it.agent.desired.farms) release(name)
    expect(await whenDone(it, all.id)).toMatchObject({ progress: { done: 6 } })
    expect(await whenDone(it, one.id)).toMatchObject({ progress: { done: 1 } })
  })

  test('of many farms has them all, in the order of their names', async () => {
    await addFarms(23)
    const { farms } = await runThrough(it)
    expect(farms.map((one) => one.farm)).toEqual([...Array.from({ length: 23 }, (_, index) => `farm${index + 1}`), 'web'])
  })
})

describe('what goes wrong at one farm is told there and the run goes on:', () => {
  test('the agent is away', async () => {
    await addFarms(1)
    await it.agent.stop()
    const { farms, counts } = await runThrough(it)
    const trouble = expect.stringContaining('There is no socket')
    expect(farms).toMatchObject([{ farm: 'farm1', trouble, rows: [] }, { farm: 'web', trouble, rows: [] }])
    expect(counts).toEqual({ backends: 0, healthy: 0, findings: 0 })
  })

  test('the agent does not have the farm, or could not ask', async () => {
    await addFarms(2)
    it.agent.desired.farms = it.agent.desired.farms.filter(({ name }) => name !== 'farm1')
    it.agent.doctor = (one, request) => ({ ...evidenceOf(one, request), ...(one.name === 'farm2' ? { trouble: 'Interface eth0 is down.' } : {}) })
    expect((await runThrough(it)).farms).toMatchObject([{ farm: 'farm1', trouble: 'The agent has no farm farm1 yet.' }, { farm: 'farm2', trouble: 'Interface eth0 is down.' }, { farm: 'web', trouble: null, rows: [{}, {}] }])
  })

  test('a farm or a backend was deleted before its turn came', async () => {
    await addFarms(5)
    const { asked, release } = holdDoctor(it)
    const all = await startRun(it)
    const one = await startRun(it, { farm: 'web', backend: 'web2' })
    await vi.waitFor(() => expect(asked).toHaveLength(4))
    await it.api('DELETE', '/api/v1/farms/farm5', { headers: anyVersion })
    await it.api('DELETE', `${web}/backends/web2`, { headers: anyVersion })
    for (const name of [...asked, 'web']) release(name)
    expect((await whenDone(it, all.id)).farms).toMatchObject([{}, {}, {}, {}, { farm: 'farm5', trouble: expect.stringContaining('was deleted'), rows: [] }, { farm: 'web', trouble: null, rows: [{ backend: 'web1' }] }])
    expect((await whenDone(it, one.id)).farms).toMatchObject([{ trouble: expect.stringContaining('Backend web2 was deleted') }])
    expect((await it.api('GET', '/api/v1/farms/farm5/doctor')).status).toBe(404)
  })

  test('the agent still has another address for a backend, so it saw another machine', async () => {
    const [before] = it.agent.desired.farms
    it.agent.doctor = (one, request) => evidenceOf(before ?? one, request)
    await it.api('PATCH', `${web}/backends/web2`, { body: { address: '203.0.113.29' }, headers: anyVersion })
    expect((await runThrough(it)).farms).toMatchObject([{ rows: [{ backend: 'web1', address: '203.0.113.21' }] }])
    expect((await it.api('GET', `${web}/doctor`)).body).toMatchObject({ backends: [{ seen: { run: 1 } }, { backend: 'web2', seen: null }] })
  })

  test('its result cannot be written: the run ends interrupted with all the others', async () => {
    await addFarms(2)
    await db().$executeRawUnsafe(`CREATE TRIGGER no_result BEFORE INSERT ON "DoctorResult" WHEN NEW."farmName" = 'farm1' BEGIN SELECT RAISE(ABORT, 'no'); END`)
    const { id } = await startRun(it)
    const ended = await seeReport(it, id, ({ state }) => expect(state).toBe('interrupted'))
    expect([ended.progress, ended.endedAt, ended.farms.map((one) => one.farm)]).toEqual([{ done: 2, total: 3 }, expect.any(String), ['farm2', 'web']])
    expect((await startRun(it)).id).toBe(id + 1)
  })
})

describe('a console that ends meanwhile', () => {
  test('leaves the run interrupted with what was found, and the same may be started again', async () => {
    await addFarms(5)
    const { asked, release } = holdDoctor(it)
    const { id } = await startRun(it)
    release('farm1')
    await seeReport(it, id, ({ progress }) => expect(progress.done).toBe(1))
    await vi.waitFor(() => expect(asked).toHaveLength(5))
    await stop()
    expect(await reportOf(it, id)).toMatchObject({ state: 'interrupted', endedAt: null, progress: { done: 1, total: 6 }, farms: [{ farm: 'farm1', rows: [{}, {}] }] })
    expect(await listed()).toMatchObject([{ id, state: 'interrupted' }])
    expect((await it.api('GET', `${web}/doctor`)).body).toMatchObject({ running: null, last: null })
    it.agent.doctor = evidenceOf
    expect(await runThrough(it)).toMatchObject({ id: id + 1, progress: { done: 6 } })
    expect(await reportOf(it, id)).toMatchObject({ state: 'interrupted', farms: { length: 1 } })
  })

  test('has the results of runs that were done when it is back', async () => {
    const before = await runThrough(it)
    await stop()
    expect(await reportOf(it, before.id)).toEqual(before)
  })
})

describe('refused is', () => {
  test('a farm or backend that does not exist', async () => {
    for (const scope of [{ farm: 'none' }, { farm: 'web', backend: 'none' }]) expect((await it.api('POST', runs, { body: scope })).status).toBe(404)
    expect(await listed()).toEqual([])
  })

  test('a backend without its farm, and anything that is no scope', async () => {
    expect((await it.api('POST', runs, { body: { backend: 'web1' } })).body).toMatchObject({ status: 422, errors: [{ pointer: '/farm', code: 'farm-needed' }] })
    expect((await it.api('POST', runs, { body: { farm: 7, speed: 'fast' } })).body.errors).toMatchObject([{ pointer: '/farm', code: 'type-invalid' }, { code: 'unknown-key' }])
    expect((await it.api('POST', runs, { body: '' })).status).toBe(400)
    expect((await it.api('POST', runs)).status).toBe(415)
  })

  test('a second run with the same scope, which is named; another scope is not, and neither is one after the other', async () => {
    const { release } = holdDoctor(it)
    const scopes = [{}, { farm: 'web' }, { farm: 'web', backend: 'web1' }]
    const ids: number[] = []
    for (const scope of scopes) ids.push((await startRun(it, scope)).id)
    for (const [index, scope] of scopes.entries()) {
      const again = await it.api('POST', runs, { body: scope })
      expect(again.body).toMatchObject({ status: 409, type: 'urn:tangent:problem:under-way', detail: expect.stringContaining(`Run ${ids[index]} `), current: { id: ids[index], state: 'running' } })
    }
    release('web')
    for (const id of ids) await whenDone(it, id)
    for (const scope of scopes) await runThrough(it, scope)
  })

  test('two that come at the same moment are one', async () => {
    holdDoctor(it)
    const answers = await Promise.all(Array.from({ length: 5 }, () => it.api('POST', runs, { body: {} })))
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409])
  })

  test('a run that there is none of', async () => {
    for (const id of ['1', '0', '-1', '1.5', 'x', '999999999999999999999']) expect((await it.api('GET', `${runs}/${id}`)).status, id).toBe(404)
  })

  test('whoever may not: starting needs operate, looking read', async () => {
    expect((await it.api('POST', runs, { as: 'read', body: {} })).status).toBe(403)
    for (const path of [runs, `${runs}/1`, `${web}/doctor`]) expect((await it.api('GET', path, { as: null })).status, path).toBe(401)
  })
})

test('a run that somebody starts is audited and makes no revision', async () => {
  const { release } = holdDoctor(it)
  release('web')
  for (const scope of [{}, { farm: 'web' }, { farm: 'web', backend: 'web1' }]) await runThrough(it, scope)
  const { items } = (await it.api('GET', '/api/v1/audit')).body as unknown as { items: Array<{ action: string }> }
  expect(items.filter(({ action }) => action.startsWith('doctor.'))).toMatchObject([
    { actor: 'token:operate', action: 'doctor.start', target: 'web/web1', generation: null, before: null, after: { run: 3 } },
    { target: 'web', after: { run: 2 } },
    { target: '*', after: { run: 1 } },
  ])
  expect((await it.api('GET', '/api/v1/revisions')).body.items).toHaveLength(1)
})

test('runs are listed newest first, page by page', async () => {
  for (let times = 0; times < 3; times++) await runThrough(it)
  const first = (await it.api('GET', `${runs}?limit=2`)).body
  expect(first).toMatchObject({ items: [{ id: 3 }, { id: 2 }], next: '2' })
  expect((await listed(`?limit=2&cursor=${String(first.next)}`)).map(({ id }) => id)).toEqual([1])
})

test('a report is downloaded as a file with the same content', async () => {
  const { id } = await runThrough(it)
  const file = await it.api('GET', `${runs}/${id}?download=true`, { as: 'read' })
  expect([file.status, file.headers.get('content-type'), file.headers.get('content-disposition')]).toEqual([200, 'application/json', `attachment; filename="tangent-doctor-${id}.json"`])
  expect(file.body).toEqual(await reportOf(it, id))
  expect((await it.api('GET', `${runs}/${id}?download=maybe`)).status).toBe(422)
})

test('a result that another version wrote says so and does not spoil the report', async () => {
  await addFarms(1)
  const { id } = await runThrough(it)
  await db().doctorResult.updateMany({ where: { farmName: 'farm1' }, data: { found: '{"version":2}' } })
  expect((await reportOf(it, id)).farms).toMatchObject([{ farm: 'farm1', trouble: expect.stringContaining('Another version'), rows: [] }, { farm: 'web', trouble: null }])
  expect((await it.api('GET', '/api/v1/farms/farm1/doctor')).body).toMatchObject({ backends: [{ seen: null }, { seen: null }] })
})

describe('of old runs', () => {
  /** Runs that ended, oldest first, each with so many backends in it. */
  async function fill(sizes: readonly number[]): Promise<void> {
    const at = new Date()
    await db().doctorRun.createMany({ data: sizes.map((backends) => ({ startedAt: at, endedAt: at, actor: 'schedule', total: 1, done: 1, backends })) })
    const rows = await db().doctorRun.findMany({ where: { results: { none: {} } }, select: { id: true } })
    await db().doctorResult.createMany({ data: rows.map(({ id }) => ({ runId: id, farmName: 'web', at, found: '{}' })) })
  }
  const kept = async (): Promise<number[]> => (await db().doctorRun.findMany({ select: { id: true }, orderBy: { id: 'asc' } })).map(({ id }) => id)

  test('the newest 100 are kept, and what the others found goes with them', async () => {
    await fill(Array.from({ length: 103 }, () => 10))
    await forgetOldRuns()
    expect(await kept()).toEqual(Array.from({ length: 100 }, (_, index) => index + 4))
    expect(await db().doctorResult.count()).toBe(100)
  })

  test('those with 50,000 backends in all are kept, the newest however large it is', async () => {
    await fill([1, 20_000, 20_000, 20_000])
    await forgetOldRuns()
    expect(await kept()).toEqual([3, 4])
    await fill([70_000])
    await forgetOldRuns()
    expect(await kept()).toEqual([5])
  })

  test('one that is under way is kept', async () => {
    holdDoctor(it)
    const { id } = await startRun(it)
    await fill(Array.from({ length: 100 }, () => 1))
    await forgetOldRuns()
    expect((await kept())[0]).toBe(id)
  })
})
