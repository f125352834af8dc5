import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query'
import { doctorReportSchema, farmDoctorSchema } from '#lib/domain/doctor/run.ts'
import { doctorScheduleSchema } from '#lib/domain/doctor/schedule.ts'
import { doctorRunPageSchema } from './answers.ts'
import { keys } from './queries.ts'
import { request } from './request.ts'
import { urls } from './urls.ts'

/** Milliseconds between two looks at a run that is under way, and at what may begin by itself. */
const runningInterval = 1000
const calmInterval = 15_000
const pageSize = 20

/** All runs, newest first: the light way to follow their progress. */
export const doctorRunsQuery = infiniteQueryOptions({
  queryKey: [...keys.doctor, 'runs'],
  queryFn: async ({ pageParam, signal }) => (await request(doctorRunPageSchema, urls.doctorRuns({ limit: pageSize, cursor: pageParam }), { signal })).data,
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
  refetchInterval: ({ state }) => (state.data?.pages.some(({ items }) => items.some((run) => run.state === 'running')) ? runningInterval : calmInterval),
})

/** One run with what it found so far. It is asked for again until it has ended; with many backends the answer is large, so less often. */
export function doctorReportQuery(run: number) {
  return queryOptions({
    queryKey: [...keys.doctor, 'run', run],
    queryFn: async ({ signal }) => (await request(doctorReportSchema, urls.doctorRun(run), { signal })).data,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? runningInterval + state.data.counts.backends * 10 : false),
  })
}

/** The newest of what was found at a farm. */
export function farmDoctorQuery(farm: string) {
  return queryOptions({
    queryKey: [...keys.farm(farm), 'doctor'],
    queryFn: async ({ signal }) => (await request(farmDoctorSchema, urls.farmDoctor(farm), { signal })).data,
    refetchInterval: ({ state }) => (state.data?.running ? runningInterval : calmInterval),
  })
}

export const doctorScheduleQuery = queryOptions({
  queryKey: [...keys.doctor, 'schedule'],
  queryFn: async ({ signal }) => (await request(doctorScheduleSchema, urls.doctorSchedule, { signal })).data,
})

/** Lets everything that shows runs look again at once, because one was started. */
export async function noticeRun(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey.includes('doctor') })
}
