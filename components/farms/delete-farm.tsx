'use client'

import { useState, type FormEvent } from 'react'
import { useRouter } from 'next/navigation'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { deleteFarm, tryDeleteFarm } from '#lib/client/changes.ts'
import { toFailure } from '#lib/client/failure.ts'
import { keys, type VersionedFarm } from '#lib/client/queries.ts'
import { places } from '#components/places.ts'
import { PlanSteps } from '#components/status/plan-steps.tsx'
import { useAnnounce } from '#components/ui/announcements.tsx'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'

const formId = 'delete-farm'

/** Deletes a farm after its name was typed; shows before what will happen to its connections. */
export function DeleteFarm({ current: { farm, etag } }: { current: VersionedFarm }) {
  const [open, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const client = useQueryClient()
  const router = useRouter()
  const announce = useAnnounce()
  const preview = useQuery({ queryKey: [...keys.farm(farm.name), 'delete', etag], queryFn: () => tryDeleteFarm(farm.name, etag), enabled: open })
  const remove = useMutation({
    mutationFn: () => deleteFarm(farm.name, etag),
    onSuccess: async ({ pending }) => {
      announce({ tone: pending ? 'warning' : 'ok', title: `Farm ${farm.name} was deleted`, ...(pending ? { detail: 'It is not out of the kernel yet. It will be, without you doing anything.' } : {}) })
      router.push(places.farms)
      client.removeQueries({ queryKey: keys.farm(farm.name), type: 'inactive' })
      await Promise.all([keys.status, keys.farms, keys.revisions, keys.audit].map((queryKey) => client.invalidateQueries({ queryKey })))
    },
    onError: (error) => {
      if (toFailure(error).status === 412) void client.invalidateQueries({ queryKey: keys.farm(farm.name) })
    },
  })
  const close = () => {
    setOpen(false)
    setTyped('')
    remove.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed === farm.name && !remove.isPending) remove.mutate()
  }
  const footer = (
    <>
      <Button onClick={close}>Cancel</Button>
      <Button tone="danger" type="submit" form={formId} busy={remove.isPending} disabledReason={typed === farm.name ? null : `Type ${farm.name} first.`}>
        Delete farm
      </Button>
    </>
  )
  const plan = preview.data?.plan
  return (
    <>
      <Button icon={<Trash2 aria-hidden className="size-4" />} onClick={() => setOpen(true)}>
        Delete
      </Button>
      <Dialog open={open} onClose={close} title={`Delete farm ${farm.name}?`} description="Clients get no answer on its VIP and ports any more. The history keeps what it was." footer={footer}>
        <form id={formId} onSubmit={submit} className="space-y-4">
          {plan && plan.steps.length > 0 ? <PlanSteps plan={plan} /> : preview.isPending ? <Skeleton className="h-14 w-full" /> : null}
          <Field label={`Type ${farm.name} to confirm`}>{(attributes) => <Input {...attributes} value={typed} onChange={(event) => setTyped(event.target.value)} />}</Field>
          {remove.error ? <FailureNotice error={remove.error} /> : preview.error ? <FailureNotice error={preview.error} /> : null}
        </form>
      </Dialog>
    </>
  )
}
