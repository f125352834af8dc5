import { hashTokens, modes, schedulers } from '#lib/domain/farm.ts'
import { modeWords, schedulerWords, tokenWords } from '#components/farms/words.ts'
import { Card } from '#components/ui/card.tsx'
import { CheckboxGroup } from '#components/ui/checkbox-group.tsx'
import { ChoiceCards } from '#components/ui/choice-cards.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Select } from '#components/ui/select.tsx'
import type { FarmForm } from './use-farm-form.ts'

const tokenOptions = hashTokens.map((value) => ({ value, label: tokenWords[value] }))

/** How traffic flows: mode, the choice of a backend, and what a client is remembered by. */
export function BalancingSection({ form }: { form: FarmForm }) {
  const { values, set, messages, touch } = form
  return (
    <Card title="Traffic" description="How requests reach the backends, and how one of them is chosen">
      <div className="space-y-5">
        <ChoiceCards legend="Mode" options={modes.map((value) => ({ value, ...modeWords[value] }))} value={values.mode} onChange={(value) => set('mode', value)} />
        <div className="grid gap-x-6 gap-y-4 lg:grid-cols-2">
          <div className="space-y-4">
            <Field label="Scheduler" help={schedulerWords[values.scheduler].help} messages={messages('scheduler')}>
              {(attributes) => (
                <Select
                  {...attributes}
                  value={values.scheduler}
                  options={schedulers.map((value) => ({ value, label: schedulerWords[value].label }))}
                  onChange={(event) => set('scheduler', schedulers.find((one) => one === event.target.value) ?? 'symhash')}
                />
              )}
            </Field>
            {values.scheduler === 'hash' ? (
              <CheckboxGroup legend="Hash input" help="Requests with the same values go to the same backend." options={tokenOptions} chosen={values.hashInput} messages={messages('hashInput')} onChange={(chosen) => set('hashInput', chosen)} />
            ) : null}
          </div>
          <div className="space-y-4">
            <CheckboxGroup
              legend="Persistence"
              help={values.persistence.length === 0 ? 'Nothing chosen: clients are not remembered.' : 'A client that looks the same in all of these stays with its backend, also while that one drains.'}
              options={tokenOptions}
              chosen={values.persistence}
              messages={messages('persistence')}
              onChange={(chosen) => set('persistence', chosen)}
            />
            {values.persistence.length > 0 ? (
              <Field label="Persistence time" required help="Seconds without a packet after which a client is forgotten." messages={messages('persistenceTtl')} className="max-w-60">
                {(attributes) => <Input {...attributes} inputMode="numeric" className="nums" value={values.persistenceTtl} onChange={(event) => set('persistenceTtl', event.target.value)} onBlur={() => touch('persistenceTtl')} />}
              </Field>
            ) : null}
          </div>
        </div>
      </div>
    </Card>
  )
}
