import { CheckboxGroup } from '#components/ui/checkbox-group.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { tokenChoices } from './token-choices.ts'
import type { FarmForm } from './use-farm-form.ts'

/** What a client is remembered by, and for how long. */
export function PersistenceFields({ form }: { form: FarmForm }) {
  const { values, set, messages, touch } = form
  return (
    <div className="space-y-4">
      <CheckboxGroup
        legend="Persistence"
        help={values.persistence.length === 0 ? 'Nothing chosen: clients are not remembered.' : 'A client that looks the same in all of these stays with its backend, also while that one drains.'}
        options={tokenChoices(values.mode, values.persistence)}
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
  )
}
