import { useId, useState } from 'react'
import { CircleAlert, HeartPulse, Trash2 } from 'lucide-react'
import { adminStates } from '#lib/domain/farm.ts'
import { Hint } from '#components/ui/hint.tsx'
import { IconButton } from '#components/ui/icon-button.tsx'
import { Input } from '#components/ui/input.tsx'
import { Select } from '#components/ui/select.tsx'
import { typeWords } from '#components/health/monitor-words.ts'
import { BackendMonitor } from './backend-monitor.tsx'
import { backendFieldId, monitorFieldId, type BackendField } from './field-id.ts'
import { monitorFields } from './monitor-values.ts'
import type { BackendValues } from './farm-values.ts'
import type { FarmForm } from './use-farm-form.ts'

/** The columns of wide windows; the headings above the rows stand in the same ones. */
export const rowGrid = 'lg:grid-cols-[minmax(7rem,1fr)_minmax(8rem,1.2fr)_5.5rem_minmax(9rem,1fr)_4.5rem_4.5rem_7.5rem_4rem] lg:gap-x-2'

const dsrPort = 'In mode DSR the backend answers from the port that the client used, so it cannot be changed here.'

const textFields: ReadonlyArray<{ field: Exclude<BackendField, 'adminState'>; label: string; mono?: boolean; numeric?: boolean; placeholder?: string }> = [
  { field: 'name', label: 'Name', placeholder: 'web1' },
  { field: 'address', label: 'Address', mono: true, placeholder: '203.0.113.21' },
  { field: 'port', label: 'Port', numeric: true, placeholder: 'same' },
  { field: 'mac', label: 'MAC', mono: true, placeholder: 'found by itself' },
  { field: 'weight', label: 'Weight', numeric: true },
  { field: 'priority', label: 'Priority', numeric: true },
]

type Props = { form: FarmForm; backend: BackendValues; number: number; onRemove: () => void }

/** One backend: a row of controls, with what is wrong in it below. */
export function BackendRow({ form, backend, number, onRemove }: Props) {
  const id = useId()
  const title = backend.name || `Backend ${number}`
  const found = textFields.flatMap(({ field, label }) => form.messages(backendFieldId(backend.key, field)).map((problem) => ({ ...problem, field, label })))
  const [opened, setOpened] = useState(false)
  const wrong = monitorFields.some((field) => form.messages(monitorFieldId(backend.key, field)).length > 0)
  const open = opened || wrong
  const { type } = backend.monitor
  const own = type !== '' && type !== 'none'
  const label = (text: string, control: string) => (
    <label htmlFor={control} className="mb-1 block text-xs text-ink-faint lg:sr-only">
      {text} <span className="sr-only">of {title}</span>
    </label>
  )
  return (
    <li data-row={backend.key} aria-label={title} className="px-4 py-2.5">
      <div className={`grid grid-cols-2 gap-y-2 max-lg:gap-x-3 sm:max-lg:grid-cols-4 lg:items-center ${rowGrid}`}>
        {textFields.map(({ field, label: text, mono = false, numeric = false, placeholder }) => {
          const control = `${id}-${field}`
          const invalid = found.some((problem) => problem.field === field)
          const locked = field === 'port' && form.values.mode === 'dsr'
          const input = (
            <Input
              id={control}
              mono={mono}
              className={numeric ? 'nums' : ''}
              inputMode={numeric ? 'numeric' : 'text'}
              value={locked ? '' : backend[field]}
              placeholder={locked ? 'VIP port' : placeholder}
              required={field === 'name' || field === 'address'}
              readOnly={locked}
              aria-disabled={locked || undefined}
              aria-invalid={invalid || undefined}
              aria-describedby={locked ? `${id}-locked` : invalid ? `${id}-${field}-message` : undefined}
              onChange={(event) => form.setBackend(backend.key, field, event.target.value)}
              onBlur={() => form.touch(backendFieldId(backend.key, field))}
            />
          )
          return (
            <div key={field} className="min-w-0">
              {label(text, control)}
              {locked ? <Hint text={dsrPort}>{input}</Hint> : input}
            </div>
          )
        })}
        <div className="min-w-0">
          {label('Admin state', `${id}-state`)}
          <Select
            id={`${id}-state`}
            value={backend.adminState}
            options={adminStates.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))}
            onChange={(event) => form.setBackend(backend.key, 'adminState', adminStates.find((one) => one === event.target.value) ?? 'enabled')}
          />
        </div>
        <div className="flex self-end max-lg:justify-self-end">
          <IconButton
            label={`Health check of ${title}: ${own ? typeWords[type].label : 'as the farm'}`}
            aria-expanded={open}
            icon={<HeartPulse aria-hidden className={`size-4 ${own ? 'text-accent' : ''}`} />}
            onClick={() => setOpened(!opened)}
          />
          <IconButton label={`Remove ${title}`} icon={<Trash2 aria-hidden className="size-4" />} onClick={onRemove} />
        </div>
      </div>
      {form.values.mode === 'dsr' ? (
        <p id={`${id}-locked`} hidden>
          {dsrPort}
        </p>
      ) : null}
      {found.length > 0 ? (
        <ul className="mt-1.5 space-y-1">
          {found.map(({ field, label: text, message, hint }) => (
            <li key={`${field} ${message}`} id={`${id}-${field}-message`} className="flex gap-1.5 text-xs text-danger">
              <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
              <span>
                <span className="font-medium">{text}:</span> {message} {hint ? <span className="text-ink-soft">{hint}</span> : null}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      {own && !open ? <p className="mt-1.5 text-xs text-ink-soft">Own health check: {typeWords[type].label}</p> : null}
      {open ? <BackendMonitor form={form} backend={backend} title={title} /> : null}
    </li>
  )
}
