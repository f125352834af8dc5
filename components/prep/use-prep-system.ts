import { useMutation, useQueryClient } from '@tanstack/react-query'
import { putPrepSystem } from '#lib/client/changes.ts'
import { toFailure } from '#lib/client/failure.ts'
import { prepStateQuery, prepStatesQuery, rememberPrepState } from '#lib/client/queries.ts'
import { prepTitles, type PrepSystem } from '#lib/prep/prep.ts'
import type { PrepState } from '#lib/prep/state.ts'
import { useAnnounce } from '#components/ui/announcements.tsx'

type Wanted = { backends: readonly string[]; system: PrepSystem }

/** The choice of a system for one backend or several. `states` have it at once; the server remembers it for the machine. */
export function usePrepSystem(farm: string, saved: readonly PrepState[]) {
  const client = useQueryClient()
  const announce = useAnnounce()
  const choice = useMutation({
    mutationFn: async ({ backends, system }: Wanted) => {
      for (const backend of backends) {
        const state = await putPrepSystem(farm, backend, system)
        // What was asked before this answer does not know the choice yet.
        await client.cancelQueries({ queryKey: prepStatesQuery(farm).queryKey, exact: true })
        await client.cancelQueries({ queryKey: prepStateQuery(farm, backend).queryKey, exact: true })
        rememberPrepState(client, farm, state)
      }
    },
    onSuccess: (_, { backends, system }) => {
      if (backends.length > 1) announce({ tone: 'ok', title: `${backends.length} backends have ${prepTitles[system]} now` })
    },
    onError: (error) => {
      const { title, detail } = toFailure(error)
      announce({ tone: 'warning', title: 'The system was not remembered', detail: detail || title })
    },
  })
  const wanted = choice.isPending ? choice.variables : null
  const states = wanted ? saved.map((state) => (wanted.backends.includes(state.backend) ? { ...state, system: wanted.system } : state)) : saved
  return { states, choose: choice.mutate, busy: choice.isPending }
}
