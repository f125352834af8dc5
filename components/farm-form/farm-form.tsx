'use client'

import { useMemo, useRef, useState, type FormEvent } from 'react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useIsMutating, useQuery } from '@tanstack/react-query'
import { farmsQuery, interfacesQuery, statusQuery, type VersionedFarm } from '#lib/client/queries.ts'
import { farmSchema, withDefaults, type Farm } from '#lib/domain/farm.ts'
import type { ChangeReply } from '#lib/domain/replies.ts'
import type { Precondition } from '#lib/client/changes.ts'
import { places } from '#components/places.ts'
import { PlanDialog } from '#components/status/plan-dialog.tsx'
import { useAnnounce } from '#components/ui/announcements.tsx'
import { Button, buttonLook } from '#components/ui/button.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { BackendsSection } from './backends-section.tsx'
import { BalancingSection } from './balancing-section.tsx'
import { ConflictDialog } from './conflict-dialog.tsx'
import { HealthSection } from './health-section.tsx'
import { newFarmValues, toFarmInput, toFarmValues } from './farm-values.ts'
import { afterSaving, savedWords } from './saved-words.ts'
import { ServiceSection } from './service-section.tsx'
import { useFarmForm } from './use-farm-form.ts'
import { useLeaveGuard } from './use-leave-guard.ts'
import { useSaveFarm } from './use-save-farm.ts'

const none: readonly Farm[] = []

/** Creates a farm, or edits the one given as it is now at the server. */
export function FarmForm({ current }: { current: VersionedFarm | null }) {
  const creating = current === null
  const { data: status } = useQuery(statusQuery)
  const { data: farms = none } = useQuery(farmsQuery(status?.generation))
  const { data: interfaces = null } = useQuery(interfacesQuery)
  const [base, setBase] = useState<Precondition>(current ? { etag: current.etag } : { create: true })
  const surroundings = useMemo(() => ({ others: farms.filter((farm) => creating || farm.name !== current.farm.name), interfaces }), [farms, interfaces, creating, current])
  // While it is being saved, the list of farms may have this one already: its name is not taken by another then.
  const [saved, setSaved] = useState(false)
  const busy = useIsMutating() > 0
  const form = useFarmForm(current ? toFarmValues(current.farm) : newFarmValues, surroundings, creating && !busy && !saved)
  const router = useRouter()
  const announce = useAnnounce()
  const element = useRef<HTMLFormElement>(null)

  const onSaved = (reply: ChangeReply) => {
    setSaved(true)
    const [name, before] = [form.values.name.trim(), current?.farm ?? null]
    announce(savedWords(reply, name, before))
    router.push(afterSaving(reply, name, before))
  }
  const focusFirstProblem = () => requestAnimationFrame(() => element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
  const saving = useSaveFarm({
    onSaved,
    onRefused: (problems) => {
      form.refuse(problems)
      focusFirstProblem()
    },
  })
  useLeaveGuard(form.changed && !saved)

  const [attempts, setAttempts] = useState(0)
  const save = (precondition: Precondition) => {
    setAttempts(attempts + 1)
    form.touchAll()
    if (form.problems.length > 0) focusFirstProblem()
    else if (!saving.busy) saving.save({ input: toFarmInput(form.values), precondition })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save(base)
  }
  const adopt = (theirs: VersionedFarm | null) => {
    const precondition: Precondition = theirs ? { etag: theirs.etag } : { create: true }
    setBase(precondition)
    saving.setConflict(null)
    return precondition
  }
  const overtaken = current && !saved && !saving.busy && 'etag' in base && base.etag !== current.etag

  return (
    <form ref={element} onSubmit={submit} noValidate aria-label={creating ? 'New farm' : `Edit ${current.farm.name}`} className="space-y-4">
      {overtaken ? (
        <Notice tone="warning" role="status" title="Someone else has changed this farm since you opened it" actions={<Button size="sm" onClick={() => saving.setConflict({ theirs: current })}>Show the difference</Button>}>
          You can go on; before anything is saved you will see both versions.
        </Notice>
      ) : null}
      <ServiceSection form={form} creating={creating} interfaces={interfaces} />
      <BalancingSection form={form} creating={creating} />
      <HealthSection form={form} />
      <BackendsSection form={form} />
      {form.general.length > 0 ? (
        <Notice tone="danger" title="The farm was refused" role="alert">
          {form.general.map((problem) => (
            <p key={problem.code}>
              {problem.message} {problem.hint}
            </p>
          ))}
        </Notice>
      ) : null}
      {saving.error ? <FailureNotice error={saving.error} /> : null}
      <div className="sticky bottom-0 z-10 -mx-4 flex flex-wrap items-center justify-end gap-2 border-t border-line bg-canvas/95 px-4 py-3 backdrop-blur-sm sm:-mx-6 sm:px-6">
        <p role="status" className="grow text-sm text-danger">
          {attempts > 0 && form.problems.length > 0 ? `${form.problems.length} ${form.problems.length === 1 ? 'thing needs' : 'things need'} your attention.` : ''}
        </p>
        <Link href={creating ? places.farms : places.farm(current.farm.name)} className={buttonLook()}>
          Cancel
        </Link>
        <Button tone="primary" type="submit" busy={saving.busy && saving.plan === null}>
          {creating ? 'Create farm' : 'Save changes'}
        </Button>
      </div>
      <PlanDialog title="This change touches live connections" plan={saving.plan} confirm="Save and apply" busy={saving.saving} onConfirm={saving.confirm} onClose={saving.cancel} />
      <ConflictDialog
        conflict={saving.conflict}
        mine={form.problems.length === 0 ? farmSchema.parse(withDefaults(toFarmInput(form.values))) : null}
        onKeepMine={() => save(adopt(saving.conflict?.theirs ?? null))}
        onTakeTheirs={() => {
          const theirs = saving.conflict?.theirs
          if (theirs) form.load(toFarmValues(theirs.farm))
          adopt(theirs ?? null)
        }}
        onClose={() => {
          if (saving.conflict?.theirs) adopt(saving.conflict.theirs)
          saving.setConflict(null)
        }}
      />
    </form>
  )
}
