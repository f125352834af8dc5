import { smallTableBackends, tableSizes } from '#lib/domain/farm.ts'
import { Disclosure } from '#components/ui/disclosure.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Select } from '#components/ui/select.tsx'
import type { FarmForm } from './use-farm-form.ts'

export const handoverFields = ['slots', 'handoverPeriod', 'handoverSize'] as const

/** What Maglev can be told beyond its hash input; the defaults fit nearly every farm. */
export function HandoverFields({ form, creating }: { form: FarmForm; creating: boolean }) {
  const { values, set, messages, touch } = form
  const [small, large] = tableSizes
  const rule = creating ? ` Automatic is ${small}, above ${smallTableBackends} backends ${large}.` : ''
  return (
    <Disclosure title="Advanced" forced={handoverFields.some((field) => messages(field).length > 0)}>
      <div className="grid gap-x-4 gap-y-4 sm:grid-cols-3">
        <Field label="Table size" messages={messages('slots')} help={`Slots that are dealt to the backends: more of them divide finer and take more memory.${rule || ' Another size moves connections.'}`}>
          {(attributes) => (
            <Select
              {...attributes}
              value={values.slots}
              options={[...(creating ? [{ value: '', label: 'Automatic' }] : []), ...tableSizes.map((size) => ({ value: String(size), label: String(size) }))]}
              onChange={(event) => set('slots', event.target.value === '65537' ? '65537' : event.target.value === '4093' ? '4093' : '')}
            />
          )}
        </Field>
        <Field label="Handover period" required messages={messages('handoverPeriod')} help="Seconds for which open connections stay on their backend after a change: as many as the longest of them live.">
          {(attributes) => <Input {...attributes} inputMode="numeric" className="nums" value={values.handoverPeriod} onChange={(event) => set('handoverPeriod', event.target.value)} onBlur={() => touch('handoverPeriod')} />}
        </Field>
        <Field label="Handover size" required messages={messages('handoverSize')} help="How many connections that begin during a handover can be remembered.">
          {(attributes) => <Input {...attributes} inputMode="numeric" className="nums" value={values.handoverSize} onChange={(event) => set('handoverSize', event.target.value)} onBlur={() => touch('handoverSize')} />}
        </Field>
      </div>
    </Disclosure>
  )
}
