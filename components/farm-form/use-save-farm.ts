import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { putFarm, tryFarm, type Precondition } from '#lib/client/changes.ts'
import { toFailure } from '#lib/client/failure.ts'
import { farmQuery, keys, type VersionedFarm } from '#lib/client/queries.ts'
import type { FarmInput } from '#lib/domain/farm.ts'
import { worstImpact, type Plan } from '#lib/domain/plan.ts'
import type { Problem } from '#lib/domain/problem.ts'
import type { ChangeReply } from '#lib/domain/replies.ts'
import { nameTaken } from './farm-problems.ts'

/** The farm as someone else has saved it meanwhile; null when it was deleted. */
export type Conflict = { theirs: VersionedFarm | null }

type Wanted = { input: FarmInput; precondition: Precondition }

type Handlers = { onSaved: (reply: ChangeReply) => void; onRefused: (problems: readonly Problem[]) => void }

/**
 * Saves a farm in two steps: first it asks what the change will do, and when live connections would notice, it waits for
 * `confirm`. A version that someone else has changed ends in `conflict`, and nothing of the input is lost.
 */
export function useSaveFarm({ onSaved, onRefused }: Handlers) {
  const client = useQueryClient()
  const [asked, setAsked] = useState<{ wanted: Wanted; plan: Plan } | null>(null)
  const [conflict, setConflict] = useState<Conflict | null>(null)

  const onError = async (error: unknown, { input, precondition }: Wanted) => {
    setAsked(null)
    const { status, errors } = toFailure(error)
    if (status === 412 && 'create' in precondition) onRefused([nameTaken])
    else if (status === 412 || status === 404) setConflict({ theirs: await newest(input.name) })
    else if (errors.length > 0) onRefused(errors)
  }
  const newest = async (name: string) => {
    try {
      return await client.fetchQuery({ ...farmQuery(name), staleTime: 0 })
    } catch (error) {
      if (toFailure(error).status === 404) return null
      throw error
    }
  }
  const put = useMutation({
    mutationFn: ({ input, precondition }: Wanted) => putFarm(input.name, input, precondition),
    onSuccess: async ({ reply, etag }, { input }) => {
      setAsked(null)
      if (reply.farm && etag) client.setQueryData(farmQuery(input.name).queryKey, { farm: reply.farm, etag })
      onSaved(reply)
      await Promise.all([keys.farm(input.name), keys.status, keys.farms, keys.revisions, keys.audit].map((queryKey) => client.invalidateQueries({ queryKey })))
    },
    onError,
  })
  const attempt = useMutation({
    mutationFn: ({ input, precondition }: Wanted) => tryFarm(input.name, input, precondition),
    onSuccess: ({ plan }, wanted) => {
      if (plan && worstImpact(plan).kind !== 'hitless') setAsked({ wanted, plan })
      else put.mutate(wanted)
    },
    onError,
  })
  const error = put.error ?? attempt.error
  const status = error ? toFailure(error).status : 0
  return {
    save: (wanted: Wanted) => {
      put.reset()
      setConflict(null)
      attempt.mutate(wanted)
    },
    confirm: () => asked && put.mutate(asked.wanted),
    cancel: () => setAsked(null),
    plan: asked?.plan ?? null,
    conflict,
    setConflict,
    busy: attempt.isPending || put.isPending,
    saving: put.isPending,
    /** What no field and no dialog shows. */
    error: error && status !== 412 && toFailure(error).errors.length === 0 ? error : null,
  }
}
