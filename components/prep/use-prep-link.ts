import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { makePrepLink } from '#lib/client/changes.ts'
import { prepLinkQuery } from '#lib/client/queries.ts'
import { linkCommands } from '#lib/prep/link-commands.ts'
import type { PrepSystem } from '#lib/prep/prep.ts'
import type { PrepLink } from '#lib/prep/state.ts'

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })

export type MadeLink = {
  /** Until when it holds, in words. */
  endsAt: string
  /** The lines to run on the backend. */
  commands: { apply: string; check: string }
}

export type LinkMaking = { link: MadeLink | null; make: () => void; busy: boolean; error: Error | null }

/** The link of one backend to its script; `address`: the console's, as the backend reaches it. */
export function usePrepLink(farm: string, backend: string, system: PrepSystem, address: string, now: number): LinkMaking {
  const client = useQueryClient()
  const query = prepLinkQuery(farm, backend)
  const { data } = useQuery(query)
  const making = useMutation({
    mutationFn: () => makePrepLink(farm, backend, system),
    onSuccess: (link) => client.setQueryData(query.queryKey, link),
  })
  return { link: data ? shown(data, system, address, now) : null, make: () => making.mutate(), busy: making.isPending, error: making.error }
}

function shown(link: PrepLink, system: PrepSystem, address: string, now: number): MadeLink | null {
  const ends = new Date(link.expiresAt)
  if (link.system !== system || ends.getTime() <= now) return null
  const commands = linkCommands(link.system, `${address}${link.path}`)
  return commands && { endsAt: clock.format(ends), commands }
}
