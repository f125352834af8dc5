import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { putAdminState, tryAdminState } from '#lib/client/changes.ts'
import { toFailure } from '#lib/client/failure.ts'
import { keys } from '#lib/client/queries.ts'
import type { AdminState } from '#lib/domain/farm.ts'
import { worstImpact, type Plan } from '#lib/domain/plan.ts'
import { useAnnounce } from '#components/ui/announcements.tsx'

export type Wanted = { backend: string; adminState: AdminState }

const done: Record<AdminState, string> = { enabled: 'is enabled', draining: 'is draining', disabled: 'is disabled' }

/** Enables, drains or disables a backend; when live connections would notice, it shows the plan and waits for `confirm`. */
export function useAdminState(farm: string) {
  const client = useQueryClient()
  const announce = useAnnounce()
  const [asked, setAsked] = useState<{ wanted: Wanted; plan: Plan } | null>(null)
  const onError = (error: unknown, { backend }: Wanted) => {
    const { title, detail } = toFailure(error)
    setAsked(null)
    announce({ tone: 'warning', title: `${backend} was not changed`, detail: detail || title })
  }
  const put = useMutation({
    mutationFn: ({ backend, adminState }: Wanted) => putAdminState(farm, backend, adminState),
    onSuccess: async ({ pending }, { backend, adminState }) => {
      setAsked(null)
      announce(pending ? { tone: 'warning', title: `${backend} ${done[adminState]}`, detail: 'This is saved and not applied yet. It will be, without you doing anything.' } : { tone: 'ok', title: `${backend} ${done[adminState]}` })
      await Promise.all([keys.farm(farm), keys.status, keys.farms, keys.revisions, keys.audit].map((queryKey) => client.invalidateQueries({ queryKey })))
    },
    onError,
  })
  const attempt = useMutation({
    mutationFn: ({ backend, adminState }: Wanted) => tryAdminState(farm, backend, adminState),
    onSuccess: ({ plan }, wanted) => {
      if (plan && worstImpact(plan).kind !== 'hitless') setAsked({ wanted, plan })
      else put.mutate(wanted)
    },
    onError,
  })
  const running = attempt.isPending ? attempt.variables : put.isPending ? put.variables : null
  return {
    change: (wanted: Wanted) => attempt.mutate(wanted),
    confirm: () => asked && put.mutate(asked.wanted),
    cancel: () => setAsked(null),
    asked,
    running,
    saving: put.isPending,
  }
}
