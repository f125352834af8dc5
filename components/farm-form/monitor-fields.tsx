import { timesText, pathsWords } from '#components/health/monitor-words.ts'
import { dnsRecordTypes, monitorPaths, type ProbeType } from '#lib/domain/monitor.ts'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Segmented } from '#components/ui/segmented.tsx'
import { Select } from '#components/ui/select.tsx'
import { Textarea } from '#components/ui/textarea.tsx'
import { monitorFieldId } from './field-id.ts'
import { asksVip, type MonitorField, type MonitorValues } from './monitor-values.ts'
import { typedNumber } from './typed-number.ts'
import type { FarmForm } from './use-farm-form.ts'

/** The text fields of a health check. */
type TextField = { [Field in MonitorField]: MonitorValues[Field] extends string ? (string extends MonitorValues[Field] ? Field : never) : never }[MonitorField]

type Fact = { field: TextField; label: string; help: string; mono?: boolean; numeric?: boolean; required?: boolean; placeholder?: string }

const port: Fact = { field: 'port', label: 'Port', help: 'Empty is the own port of the backend, else the first one of the farm.', numeric: true, placeholder: 'first of the farm' }
const page: readonly Fact[] = [
  { field: 'path', label: 'Path', help: 'What is asked for, such as /health?deep=1.', mono: true, required: true },
  { field: 'host', label: 'Host header', help: 'Empty is the address that is asked.', mono: true, placeholder: 'the address' },
  { field: 'statuses', label: 'Good statuses', help: 'Statuses and ranges, such as 200, 204, 300-399.', mono: true, required: true },
]
const times: readonly Fact[] = [
  { field: 'interval', label: 'Interval', help: 'Seconds between two questions.', numeric: true, required: true },
  { field: 'timeout', label: 'Timeout', help: 'Seconds to wait for the answer.', numeric: true, required: true },
  { field: 'rise', label: 'Rise', help: 'Answers in a row that bring it back.', numeric: true, required: true },
  { field: 'fall', label: 'Fall', help: 'Failures in a row that take it out.', numeric: true, required: true },
]
const questions: Record<ProbeType, readonly Fact[]> = {
  tcp: [port],
  http: [port, ...page],
  https: [port, ...page],
  dns: [
    port,
    { field: 'name', label: 'Name to ask for', help: 'A name that this server knows.', mono: true, required: true, placeholder: 'example.com' },
    { field: 'answer', label: 'Text in a record', help: 'Empty is any answer without an error.', mono: true },
  ],
  udp: [port, { field: 'send', label: 'Datagram to send', help: 'Text, as it is.', mono: true }, { field: 'expect', label: 'Text in the answer', help: 'Empty is any answer.', mono: true }],
  icmp: [],
  arp: [],
}

type Props = { form: FarmForm; row: string | null; type: ProbeType; values: MonitorValues }

/** The fields that a health check of this type has; `row` is the backend whose own it is, null for that of the farm. */
export function MonitorFields({ form, row, type, values }: Props) {
  const text = ({ field, label, help, mono = false, numeric = false, required = false, placeholder }: Fact) => (
    <Field key={field} label={label} help={help} required={required} messages={form.messages(monitorFieldId(row, field))}>
      {(attributes) => (
        <Input
          {...attributes}
          mono={mono}
          className={numeric ? 'nums' : ''}
          inputMode={numeric ? 'decimal' : 'text'}
          value={values[field]}
          placeholder={placeholder}
          onChange={(event) => form.setMonitor(row, field, event.target.value)}
          // Timeout and interval have one rule together.
          onBlur={() => form.touch(monitorFieldId(row, field), ...(field === 'interval' ? [monitorFieldId(row, 'timeout')] : []))}
        />
      )}
    </Field>
  )
  const web = type === 'http' || type === 'https'
  const numbers = { interval: typedNumber(values.interval), timeout: typedNumber(values.timeout), rise: typedNumber(values.rise), fall: typedNumber(values.fall) }
  return (
    <div className="space-y-4">
      {asksVip(type, form.values.mode) ? (
        <div>
          <Segmented legend="What must answer" options={monitorPaths.map((value) => ({ value, label: pathsWords[value].label }))} value={values.paths} onChange={(value) => form.setMonitor(row, 'paths', value)} />
          <p className="mt-1 text-xs text-ink-faint">{pathsWords[values.paths].help}</p>
        </div>
      ) : null}
      {questions[type].length > 0 ? (
        <div className="grid gap-x-4 gap-y-4 sm:grid-cols-2 lg:grid-cols-4">
          {questions[type].map(text)}
          {type === 'dns' ? (
            <Field label="Record type" messages={form.messages(monitorFieldId(row, 'record'))}>
              {(attributes) => <Select {...attributes} value={values.record} options={dnsRecordTypes.map((value) => ({ value, label: value }))} onChange={(event) => form.setMonitor(row, 'record', dnsRecordTypes.find((one) => one === event.target.value) ?? 'A')} />}
            </Field>
          ) : null}
          {web ? (
            <Field label="Text in the answer" help="Within the first 64 KiB. Empty is any answer." messages={form.messages(monitorFieldId(row, 'body'))} className="sm:col-span-2">
              {(attributes) => <Textarea {...attributes} rows={1} value={values.body} onChange={(event) => form.setMonitor(row, 'body', event.target.value)} onBlur={() => form.touch(monitorFieldId(row, 'body'))} />}
            </Field>
          ) : null}
          {type === 'https' ? (
            <label className="inline-flex min-h-8 cursor-pointer items-center gap-1.5 self-start text-sm text-ink-soft sm:mt-6">
              <input type="checkbox" className="size-4 accent-(--accent-solid)" checked={values.verify} onChange={(event) => form.setMonitor(row, 'verify', event.target.checked)} />
              The certificate must be valid
            </label>
          ) : null}
        </div>
      ) : null}
      <div>
        <div className="grid grid-cols-2 gap-x-4 gap-y-4 lg:grid-cols-4">{times.map(text)}</div>
        <p role="status" className="nums mt-2 min-h-5 text-sm text-ink-soft">
          {timesText(numbers) ?? ''}
        </p>
      </div>
    </div>
  )
}
