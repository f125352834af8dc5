'use client'

import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { toFailure } from '#lib/client/failure.ts'
import { prepQuery } from '#lib/client/queries.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { prepSystems, type PrepSystem } from '#lib/prep/prep.ts'
import { Card } from '#components/ui/card.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Field } from '#components/ui/field.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Segmented } from '#components/ui/segmented.tsx'
import { Select } from '#components/ui/select.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { PrepDetails } from './prep-details.tsx'

const systemWords: Record<PrepSystem, string> = { linux: 'Linux', 'windows-powershell': 'Windows PowerShell', 'windows-cmd': 'Windows cmd' }

/** The script that prepares one backend: what it changes, how to run, check and undo it, and the script itself. */
export function PrepPanel({ farm }: { farm: Farm }) {
  const [chosen, setChosen] = useState(farm.backends[0]?.name ?? '')
  const [system, setSystem] = useState<PrepSystem>('linux')
  const backend = farm.backends.find((one) => one.name === chosen) ?? farm.backends[0]
  if (!backend) return <Notice tone="info" title="Nothing to prepare yet">This farm has no backends. Edit it to add some; each then gets its script here.</Notice>
  return (
    <div className="space-y-4">
      <Card>
        <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
          <Field label="Backend" className="w-72 max-w-full">
            {(attributes) => <Select {...attributes} value={backend.name} options={farm.backends.map(({ name, address }) => ({ value: name, label: `${name} (${address})` }))} onChange={(event) => setChosen(event.target.value)} />}
          </Field>
          <Segmented legend="System" options={prepSystems.map((value) => ({ value, label: systemWords[value] }))} value={system} onChange={setSystem} />
        </div>
      </Card>
      <Script farm={farm.name} backend={backend.name} system={system} />
    </div>
  )
}

function Script({ farm, backend, system }: { farm: string; backend: string; system: PrepSystem }) {
  const { data, error, refetch } = useQuery(prepQuery(farm, backend, system))
  if (data) return <PrepDetails farm={farm} backend={backend} script={data} />
  if (!error) return <Skeleton className="h-[36rem] w-full" />
  const { status, title, detail, errors } = toFailure(error)
  if (status < 400 || status >= 500) return <FailureNotice error={error} onRetry={() => void refetch()} />
  return (
    <Notice tone="info" title={errors[0]?.message ?? title}>
      {errors[0]?.hint ?? detail}
    </Notice>
  )
}
