import { QueryClient, type Query, type QueryKey } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { doctorReportQuery, doctorRunsQuery, farmDoctorQuery, noticeRun } from '#lib/client/doctor-queries.ts'
import type { DoctorReport, DoctorRun } from '#lib/domain/doctor/run.ts'

type Polled = { queryKey: QueryKey; refetchInterval?: unknown }

/** How long it waits before it asks again, in ms, with this in its cache; false: it does not. */
function intervalOf({ queryKey, refetchInterval }: Polled, data: unknown): unknown {
  const client = new QueryClient()
  client.setQueryData(queryKey, data)
  const query = client.getQueryCache().find({ queryKey })
  if (!query || typeof refetchInterval !== 'function') throw new Error('It asks as often whatever it knows.')
  return (refetchInterval as (query: Query) => unknown)(query)
}

function run(state: DoctorRun['state'], backends = 2): DoctorReport {
  return { id: 1, state, startedAt: '2026-11-21T10:00:00.000Z', endedAt: null, actor: 'user:admin', scope: { farm: null, backend: null }, progress: { done: 1, total: 2 }, counts: { backends, healthy: 2, findings: 0 }, farms: [] }
}

test('a report is asked for until its run has ended, a large one less often', () => {
  const interval = (state: DoctorRun['state'], backends?: number) => intervalOf(doctorReportQuery(1), run(state, backends))
  expect(interval('running')).toBeLessThan(1500)
  expect(interval('running', 10_000)).toBeGreaterThan(30_000)
  expect([interval('done'), interval('interrupted')]).toEqual([false, false])
})

test('the list of runs is asked for often while one is under way, and now and then for those that begin by themselves', () => {
  const interval = (...states: Array<DoctorRun['state']>) => intervalOf(doctorRunsQuery, { pages: [{ items: states.map((state) => run(state)), next: null }], pageParams: [null] })
  expect(interval('done', 'running')).toBe(1000)
  expect(interval('done', 'interrupted')).toBeGreaterThan(10_000)
  expect(interval()).toBeGreaterThan(10_000)
})

test('the newest of a farm is asked for often while the farm is waited for', () => {
  const interval = (running: DoctorRun | null) => intervalOf(farmDoctorQuery('web'), { farm: 'web', running, last: null, backends: [], lan: [] })
  expect(interval(run('running'))).toBe(1000)
  expect(interval(null)).toBeGreaterThan(10_000)
})

test('a run that was started makes everything about the doctor old, and nothing else', async () => {
  const client = new QueryClient()
  const keys = [doctorRunsQuery.queryKey, doctorReportQuery(1).queryKey, farmDoctorQuery('web').queryKey, ['farm', 'web', 'config'], ['status']]
  for (const key of keys) client.setQueryData(key, {})
  await noticeRun(client)
  expect(keys.map((key) => client.getQueryState(key)?.isInvalidated)).toEqual([true, true, true, false, false])
})
