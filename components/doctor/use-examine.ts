import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { startDoctor } from '#lib/client/changes.ts'
import { noticeRun } from '#lib/client/doctor-queries.ts'
import { toFailure } from '#lib/client/failure.ts'
import { statusQuery } from '#lib/client/queries.ts'
import { doctorRunSchema, type DoctorScope } from '#lib/domain/doctor/run.ts'
import { places } from '#components/places.ts'
import { useAnnounce } from '#components/ui/announcements.tsx'
import { scopeText, scopeTitle } from './doctor-words.ts'

export type Examining = {
  examine: (scope: DoctorScope) => void
  busy: boolean
  /** Why nothing can be examined now; null when it can. */
  whyNot: string | null
}

/** Starts the doctor and says so, with the way to the run; also to the one that is under way already. */
export function useExamine(): Examining {
  const client = useQueryClient()
  const announce = useAnnounce()
  const { data: status } = useQuery(statusQuery)
  const start = useMutation({
    mutationFn: startDoctor,
    onSuccess: async ({ id, scope }) => {
      announce({ tone: 'ok', title: `The doctor examines ${scopeText(scope)}`, detail: 'You can leave this page meanwhile.', link: { label: `See run ${id}`, href: places.doctorRun(id) } })
      await noticeRun(client)
    },
    onError: async (error, scope) => {
      const { title, detail, current } = toFailure(error)
      const { data: other } = doctorRunSchema.safeParse(current)
      announce({ tone: 'warning', title: other ? `${scopeTitle(scope)} is being examined already` : `${scopeTitle(scope)} was not examined`, detail: other ? '' : detail || title, ...(other ? { link: { label: `See run ${other.id}`, href: places.doctorRun(other.id) } } : {}) })
      await noticeRun(client)
    },
  })
  const away = status !== undefined && !status.agent.connected
  return { examine: (scope) => start.mutate(scope), busy: start.isPending, whyNot: away ? 'The agent does not answer, and it is what asks the backends.' : null }
}
