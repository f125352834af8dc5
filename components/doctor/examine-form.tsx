import { useState, type FormEvent } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Stethoscope } from 'lucide-react'
import { statusQuery } from '#lib/client/queries.ts'
import type { DoctorRun } from '#lib/domain/doctor/run.ts'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { Field } from '#components/ui/field.tsx'
import { Select } from '#components/ui/select.tsx'
import { sameScope, scopeText } from './doctor-words.ts'
import { useExamine } from './use-examine.ts'

/** Starts the doctor for everything or for one farm. */
export function ExamineForm({ running }: { running: readonly DoctorRun[] }) {
  const { data: status } = useQuery(statusQuery)
  const { examine, busy, whyNot } = useExamine()
  const [farm, setFarm] = useState('')
  const scope = { farm: farm === '' ? null : farm, backend: null }
  const options = [{ value: '', label: 'All farms' }, ...(status?.farms ?? []).map(({ name }) => ({ value: name, label: name }))]
  const reason = whyNot ?? (status?.farms.length === 0 ? 'There is no farm yet.' : running.some((run) => sameScope(run.scope, scope)) ? 'This is being examined now.' : null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (reason === null && !busy) examine(scope)
  }
  return (
    <Card title="Examine now">
      <form onSubmit={submit} className="space-y-3">
        <p className="max-w-prose text-sm text-ink-soft">Asks each backend over the network what clients would, and says what is wrong and how to mend it. It takes some seconds for each farm. Neither traffic nor the backends are touched.</p>
        <div className="flex flex-wrap items-end gap-3">
          <Field label="Scope" className="w-full sm:w-64">
            {(attributes) => <Select {...attributes} value={farm} options={options} onChange={(event) => setFarm(event.target.value)} />}
          </Field>
          <Button type="submit" tone="primary" busy={busy} disabledReason={reason} icon={<Stethoscope aria-hidden className="size-4" />}>
            Examine {scopeText(scope)}
          </Button>
        </div>
      </form>
    </Card>
  )
}
