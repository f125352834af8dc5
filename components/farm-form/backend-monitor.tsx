import { probeTypes } from '#lib/domain/monitor.ts'
import { typeWords } from '#components/health/monitor-words.ts'
import { Field } from '#components/ui/field.tsx'
import { Select } from '#components/ui/select.tsx'
import { monitorFieldId } from './field-id.ts'
import type { BackendValues } from './farm-values.ts'
import { MonitorFields } from './monitor-fields.tsx'
import type { FarmForm } from './use-farm-form.ts'

const options = [{ value: '', label: 'As the farm' }, ...probeTypes.map((value) => ({ value, label: `Its own: ${typeWords[value].label}` }))]

/** How one backend is checked: as its farm, or in its own way. */
export function BackendMonitor({ form, backend, title }: { form: FarmForm; backend: BackendValues; title: string }) {
  const { key, monitor } = backend
  const type = monitor.type === 'none' ? '' : monitor.type
  const farm = form.values.monitor.type === 'none' ? 'The farm has no health check, so this backend has none either.' : 'It is checked in the way of its farm.'
  return (
    <fieldset className="mt-2 mb-1 min-w-0 space-y-4 rounded-md border border-line bg-sunken/40 p-3">
      <legend className="px-1 text-sm font-medium text-ink">Health check of {title}</legend>
      <Field label="Type" help={type === '' ? farm : typeWords[type].help} messages={form.messages(monitorFieldId(key, 'type'))} className="max-w-md">
        {(attributes) => <Select {...attributes} value={type} options={options} onChange={(event) => form.setMonitor(key, 'type', probeTypes.find((one) => one === event.target.value) ?? '')} />}
      </Field>
      {type === '' ? null : <MonitorFields form={form} row={key} type={type} values={monitor} />}
    </fieldset>
  )
}
