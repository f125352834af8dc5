import { infiniteQueryOptions, keepPreviousData, queryOptions, skipToken, type QueryClient } from '@tanstack/react-query'
import { farmSchema, type Farm } from '#lib/domain/farm.ts'
import { sessionSchema, systemStatusSchema } from '#lib/domain/replies.ts'
import { farmStatsSchema, statsSchema } from '#lib/domain/stats.ts'
import { farmStatusSchema } from '#lib/domain/status.ts'
import { prepReplySchema, type PrepSystem } from '#lib/prep/prep.ts'
import { prepStateSchema, prepStatesSchema, type PrepLink, type PrepState } from '#lib/prep/state.ts'
import { auditPageSchema, farmPageSchema, interfaceListSchema, nftlbSchema, revisionPageSchema, rulesetSchema, tokenListSchema, type FarmPage } from './answers.ts'
import { request, type Answer } from './request.ts'
import { urls } from './urls.ts'

/** Milliseconds between two looks at the state of the machine. */
const statusInterval = 2000
/** Milliseconds between two looks at the traffic: as often as the console samples it. */
const statsInterval = 5000
const pageSize = 50
const allPageSize = 500

export const keys = {
  session: ['session'],
  status: ['status'],
  stats: ['stats'],
  farms: ['farms'],
  farm: (farm: string) => ['farm', farm],
  revisions: ['revisions'],
  events: ['events'],
  audit: ['audit'],
  doctor: ['doctor'],
  tokens: ['tokens'],
  interfaces: ['interfaces'],
} as const

export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: async ({ signal }) => (await request(sessionSchema, urls.session, { signal })).data,
  staleTime: 60_000,
})

/** With many farms the answer is large, so it is fetched less often. */
export const statusQuery = queryOptions({
  queryKey: keys.status,
  queryFn: async ({ signal }) => (await request(systemStatusSchema, urls.status, { signal })).data,
  refetchInterval: ({ state }) => statusInterval + Math.min(8, (state.data?.farms.length ?? 0) / 125) * 1000,
})

/** All farms. The generation is part of the key: they are fetched again when something was changed, by anyone. */
export function farmsQuery(generation: number | undefined) {
  return queryOptions({ queryKey: [...keys.farms, generation], queryFn: ({ signal }) => allFarms(signal), enabled: generation !== undefined, placeholderData: keepPreviousData, staleTime: 30_000 })
}

async function allFarms(signal: AbortSignal): Promise<Farm[]> {
  const farms: Farm[] = []
  let cursor: string | null = null
  do {
    const { data }: Answer<FarmPage> = await request(farmPageSchema, urls.farms({ limit: allPageSize, cursor }), { signal })
    farms.push(...data.items)
    cursor = data.next
  } while (cursor !== null)
  return farms
}

export type VersionedFarm = { farm: Farm; etag: string }

export function farmQuery(farm: string) {
  return queryOptions({
    queryKey: [...keys.farm(farm), 'config'],
    queryFn: async ({ signal }): Promise<VersionedFarm> => {
      const { data, etag } = await request(farmSchema, urls.farm(farm), { signal })
      return { farm: data, etag: etag ?? '*' }
    },
    refetchInterval: 10_000,
  })
}

export function farmStatusQuery(farm: string) {
  return queryOptions({
    queryKey: [...keys.farm(farm), 'status'],
    queryFn: async ({ signal }) => (await request(farmStatusSchema, urls.farmStatus(farm), { signal })).data,
    refetchInterval: statusInterval,
  })
}

export const statsQuery = queryOptions({
  queryKey: keys.stats,
  queryFn: async ({ signal }) => (await request(statsSchema, urls.stats, { signal })).data,
  refetchInterval: statsInterval,
})

export function farmStatsQuery(farm: string) {
  return queryOptions({
    queryKey: [...keys.farm(farm), 'stats'],
    queryFn: async ({ signal }) => (await request(farmStatsSchema, urls.farmStats(farm), { signal })).data,
    refetchInterval: statsInterval,
  })
}

export function nftlbQuery(farm: string) {
  return queryOptions({ queryKey: [...keys.farm(farm), 'nftlb'], queryFn: async ({ signal }) => (await request(nftlbSchema, urls.nftlb(farm), { signal })).data ?? null })
}

export function rulesetQuery(farm: string) {
  return queryOptions({
    queryKey: [...keys.farm(farm), 'ruleset'],
    queryFn: async ({ signal }) => (await request(rulesetSchema, urls.ruleset(farm), { signal })).data.text,
    refetchInterval: 5000,
  })
}

/** The script of one machine. It is asked for again now and then: a change of any of its farms makes another one of it. */
export function prepQuery(farm: string, backend: string, system: PrepSystem) {
  return queryOptions({
    queryKey: [...keys.farm(farm), 'prep', backend, system],
    queryFn: async ({ signal }) => (await request(prepReplySchema, urls.prep(farm, backend, system), { signal })).data,
    refetchInterval: 10_000,
  })
}

/** How far the backends of one farm are prepared. With many of them the answer is large, so it is fetched less often. */
export function prepStatesQuery(farm: string) {
  return queryOptions({
    queryKey: [...keys.farm(farm), 'prep'],
    queryFn: async ({ signal }) => (await request(prepStatesSchema, urls.farmPrep(farm), { signal })).data.items,
    refetchInterval: ({ state }) => 10_000 + (state.data?.length ?? 0) * 100,
  })
}

/** One machine alone, looked at often while somebody prepares it. The list of its farm takes over what is new. */
export function prepStateQuery(farm: string, backend: string) {
  return queryOptions({
    queryKey: [...keys.farm(farm), 'prep', backend, 'state'],
    queryFn: async ({ signal, client }) => {
      const { data } = await request(prepStateSchema, urls.prepState(farm, backend), { signal })
      rememberPrepState(client, farm, data)
      return data
    },
    refetchInterval: statusInterval,
  })
}

/** Puts the newest state of one machine into the list of its farm. */
export function rememberPrepState(client: QueryClient, farm: string, state: PrepState): void {
  client.setQueryData(prepStatesQuery(farm).queryKey, (items) => items?.map((item) => (item.backend === state.backend ? state : item)))
}

/** The link that was made in this tab: it cannot be asked for again, so it is kept until it ends. */
export function prepLinkQuery(farm: string, backend: string) {
  return queryOptions<PrepLink>({ queryKey: [...keys.farm(farm), 'prep', backend, 'link'], queryFn: skipToken, gcTime: 24 * 3_600_000 })
}

export const interfacesQuery = queryOptions({
  queryKey: keys.interfaces,
  queryFn: async ({ signal }) => (await request(interfaceListSchema, urls.interfaces, { signal })).data.items,
  staleTime: 10_000,
})

export const revisionsQuery = infiniteQueryOptions({
  queryKey: keys.revisions,
  queryFn: async ({ pageParam, signal }) => (await request(revisionPageSchema, urls.revisions({ limit: pageSize, cursor: pageParam }), { signal })).data,
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
})

export const auditQuery = infiniteQueryOptions({
  queryKey: keys.audit,
  queryFn: async ({ pageParam, signal }) => (await request(auditPageSchema, urls.audit({ limit: pageSize, cursor: pageParam }), { signal })).data,
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
})

export const tokensQuery = queryOptions({
  queryKey: keys.tokens,
  queryFn: async ({ signal }) => (await request(tokenListSchema, urls.tokens, { signal })).data.items,
})
