import { modes, schedulers, type Mode, type Scheduler } from '#lib/domain/farm.ts'
import { modeWords, schedulerWords } from '#components/farms/words.ts'
import { Card } from '#components/ui/card.tsx'
import { ChoiceCards } from '#components/ui/choice-cards.tsx'
import { Field } from '#components/ui/field.tsx'
import { Select, type SelectOption } from '#components/ui/select.tsx'
import { HandoverFields, handoverFields } from './handover-fields.tsx'
import { HashInput } from './hash-input.tsx'
import { PersistenceFields } from './persistence-fields.tsx'
import type { FarmForm } from './use-farm-form.ts'

/** How traffic flows: mode, the choice of a backend, and what keeps a client on it. */
export function BalancingSection({ form, creating }: { form: FarmForm; creating: boolean }) {
  const { values, set, setMode, messages } = form
  const maglev = values.scheduler === 'maglev'
  return (
    <Card title="Traffic" description="How requests reach the backends, and how one of them is chosen">
      <div className="space-y-5">
        <ChoiceCards legend="Mode" options={modes.map((value) => ({ value, ...modeWords[value] }))} value={values.mode} onChange={setMode} />
        <div className="grid gap-x-6 gap-y-4 lg:grid-cols-2">
          <div className="space-y-4">
            <Field label="Scheduler" help={schedulerWords[values.scheduler].help} messages={messages('scheduler')}>
              {(attributes) => (
                <Select
                  {...attributes}
                  value={values.scheduler}
                  options={schedulers.map((value) => schedulerOption(value, values.mode))}
                  onChange={(event) => set('scheduler', schedulers.find((one) => one === event.target.value) ?? 'symhash')}
                />
              )}
            </Field>
            {values.scheduler === 'hash' ? <HashInput form={form} /> : null}
          </div>
          {maglev ? (
            <div className="space-y-4">
              <HashInput form={form} />
              <p className="text-xs text-ink-faint">No persistence is needed: a connection stays on its backend without a table of clients, and a client does when its address alone is hashed.</p>
            </div>
          ) : (
            <PersistenceFields form={form} />
          )}
        </div>
        {maglev || handoverFields.some((field) => messages(field).length > 0) ? <HandoverFields form={form} creating={creating} /> : null}
      </div>
    </Card>
  )
}

function schedulerOption(value: Scheduler, mode: Mode): SelectOption {
  const { label } = schedulerWords[value]
  return value === 'maglev' && mode !== 'dsr' ? { value, label: `${label} (in mode DSR)`, disabled: true } : { value, label }
}
