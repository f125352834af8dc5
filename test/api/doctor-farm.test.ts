import { beforeEach, expect, test, vi } from 'vitest'
import { farmDoctorSchema, type FarmDoctor } from '#lib/domain/doctor/run.ts'
import { testConsole } from './console.ts'
import { evidenceOf } from './doctor-evidence.ts'
import { holdDoctor, runThrough, startRun, whenDone } from './doctor-runs.ts'
import { farm } from './farm.ts'

const it = testConsole()
const web = '/api/v1/farms/web'
const anyVersion = { 'if-match': '*' }

beforeEach(async () => {
  await it.api('PUT', web, { body: farm() })
})

async function newest(path = web): Promise<FarmDoctor> {
  const { body } = await it.api('GET', `${path}/doctor`, { as: 'read' })
  return farmDoctorSchema.parse(body)
}

/** Which run each backend was seen in last. */
async function seenIn(): Promise<Array<number | null>> {
  return (await newest()).backends.map(({ seen }) => seen?.run ?? null)
}

test('begins with nothing seen', async () => {
  expect(await newest()).toEqual({ farm: 'web', running: null, last: null, backends: [{ backend: 'web1', seen: null }, { backend: 'web2', seen: null }], lan: [] })
  expect((await it.api('GET', '/api/v1/farms/none/doctor')).status).toBe(404)
})

test('is the newest of each backend, whether all, its farm or it alone was examined', async () => {
  await runThrough(it)
  expect(await seenIn()).toEqual([1, 1])
  await runThrough(it, { farm: 'web', backend: 'web2' })
  expect(await seenIn()).toEqual([1, 2])
  await runThrough(it, { farm: 'web', backend: 'web1' })
  await runThrough(it, { farm: 'web', backend: 'web1' })
  expect(await seenIn()).toEqual([4, 2])
  await runThrough(it, { farm: 'web' })
  expect(await seenIn()).toEqual([5, 5])
  const { last, backends } = await newest()
  expect(last).toEqual({ run: 5, at: backends[0]?.seen?.at, trouble: null })
})

test('is that of the machine which the backend is now', async () => {
  await runThrough(it)
  await it.api('PATCH', `${web}/backends/web1`, { body: { address: '203.0.113.29' }, headers: anyVersion })
  await it.api('PUT', `${web}/backends/web3`, { body: { address: '203.0.113.23' } })
  expect(await seenIn()).toEqual([null, 1, null])
  await it.api('PATCH', `${web}/backends/web1`, { body: { address: '203.0.113.21' }, headers: anyVersion })
  expect(await seenIn()).toEqual([1, 1, null])
})

test('stays when an examination failed, which is told', async () => {
  await runThrough(it)
  await it.agent.stop()
  await runThrough(it, { farm: 'web' })
  expect(await newest()).toMatchObject({ last: { run: 2, trouble: expect.stringContaining('socket') }, backends: [{ seen: { run: 1 } }, { seen: { run: 1 } }] })
})

test('has the run that is under way until it has answered for the farm', async () => {
  await it.api('PUT', '/api/v1/farms/dns', { body: farm({ name: 'dns', protocol: 'udp', ports: ['53'] }) })
  const { release } = holdDoctor(it)
  const { id } = await startRun(it)
  expect((await newest()).running).toMatchObject({ id, state: 'running', scope: { farm: null } })
  release('web')
  await vi.waitFor(async () => expect(await newest()).toMatchObject({ running: null, backends: [{ seen: { run: id } }, {}] }))
  expect((await newest('/api/v1/farms/dns')).running).toMatchObject({ id })
  release('dns')
  await whenDone(it, id)
  expect((await newest('/api/v1/farms/dns')).running).toBeNull()
})

test('tells of strangers on the network as the newest examination saw them', async () => {
  it.agent.doctor = (one, request) => {
    const evidence = evidenceOf(one, request)
    return { ...evidence, heard: [{ vip: one.vip, mac: '52:54:00:00:00:ee', what: 'answer', at: evidence.at, backend: null, own: null }] }
  }
  const { counts } = await runThrough(it)
  expect(counts).toEqual({ backends: 2, healthy: 2, findings: 1 })
  expect((await newest()).lan).toMatchObject([{ code: 'vip-stranger', evidence: expect.stringContaining('52:54:00:00:00:ee') }])
  it.agent.doctor = evidenceOf
  await runThrough(it, { farm: 'web' })
  expect((await newest()).lan).toEqual([])
})
