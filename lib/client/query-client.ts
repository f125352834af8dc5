import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import type { Session } from '#lib/domain/replies.ts'
import { toFailure } from './failure.ts'
import { keys } from './queries.ts'

/** A refused request is not repeated; no answer at all is tried again, because the console may be restarting. */
function retry(failures: number, error: unknown): boolean {
  const { status } = toFailure(error)
  return failures < 2 && (status === 0 || status === 502 || status === 504)
}

/** The cache of one browser tab. An answer 401 means that the session has ended: the gate then shows the sign-in page. */
export function makeQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (toFailure(error).status !== 401) return
    client.setQueryData<Session>(keys.session, (session) => (session?.user ? { ...session, user: null } : session))
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: { queries: { retry, refetchOnWindowFocus: true, staleTime: 1000 }, mutations: { retry: false } },
  })
  return client
}
