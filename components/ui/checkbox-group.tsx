import { useId } from 'react'
import { Messages, type FieldMessage } from './field.tsx'

type Props<T extends string> = {
  legend: string
  help?: string
  options: ReadonlyArray<{ value: T; label: string }>
  chosen: readonly T[]
  messages?: readonly FieldMessage[]
  onChange: (chosen: T[]) => void
}

/** Several of a few choices, as a row of checkboxes. */
export function CheckboxGroup<T extends string>({ legend, help, options, chosen, messages = [], onChange }: Props<T>) {
  const id = useId()
  const toggle = (value: T, on: boolean) => onChange(options.map((option) => option.value).filter((one) => (one === value ? on : chosen.includes(one))))
  return (
    <fieldset className="min-w-0" aria-describedby={`${id}-help ${id}-messages`}>
      <legend className="mb-1 text-sm font-medium text-ink">{legend}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {options.map(({ value, label }) => (
          <label key={value} className="inline-flex min-h-7 cursor-pointer items-center gap-1.5 text-sm text-ink-soft">
            <input type="checkbox" className="size-4 accent-(--accent-solid)" checked={chosen.includes(value)} onChange={(event) => toggle(value, event.target.checked)} />
            {label}
          </label>
        ))}
      </div>
      {help ? (
        <p id={`${id}-help`} className="mt-1 text-xs text-ink-faint">
          {help}
        </p>
      ) : null}
      <Messages id={`${id}-messages`} messages={messages} />
    </fieldset>
  )
}
