import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { farmHealthSchema } from '#lib/domain/replies.ts'
import { eventPageSchema } from './answers.ts'
import { keys } from './queries.ts'
import { request } from './request.ts'
import { urls } from './urls.ts'

const pageSize = 50
const healthInterval = 2000

/** The last results of the probes of a farm. With many backends the answer is large, so it is fetched less often. */
export function farmHealthQuery(farm: string) {
  return queryOptions({
    queryKey: [...keys.farm(farm), 'health'],
    queryFn: async ({ signal }) => (await request(farmHealthSchema, urls.farmHealth(farm), { signal })).data,
    refetchInterval: ({ state }) => healthInterval + (state.data?.backends.length ?? 0) * 40,
  })
}

/** What became unhealthy and is it no longer: of one backend, of one farm, or of all. */
export type EventScope = { farm: string | null; backend: string | null }

export function eventsQuery({ farm, backend }: EventScope) {
  return infiniteQueryOptions({
    queryKey: [...keys.events, farm, backend],
    queryFn: async ({ pageParam, signal }) => {
      const page = { limit: pageSize, cursor: pageParam }
      return (await request(eventPageSchema, farm === null ? urls.events(page) : urls.farmEvents(farm, backend, page), { signal })).data
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: 5000,
  })
}
