import { useId } from 'react'

type Props<T extends string> = { legend: string; options: ReadonlyArray<{ value: T; label: string; help: string }>; value: T; onChange: (value: T) => void }

/** One of a few choices that each need a sentence: radio buttons as cards. */
export function ChoiceCards<T extends string>({ legend, options, value, onChange }: Props<T>) {
  const id = useId()
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-sm font-medium text-ink">{legend}</legend>
      <div className="grid gap-2 sm:grid-cols-2 xl:grid-cols-4">
        {options.map((option) => (
          <label
            key={option.value}
            className="relative flex cursor-pointer gap-2.5 rounded-md border border-line-strong bg-surface p-3 transition-colors hover:bg-sunken has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={id}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              aria-labelledby={`${id}-${option.value}`}
              aria-describedby={`${id}-${option.value}-help`}
              className="mt-0.5 size-4 shrink-0 accent-(--accent-solid) focus-visible:outline-none"
            />
            <span className="min-w-0">
              <span id={`${id}-${option.value}`} className="block text-sm font-medium text-ink">
                {option.label}
              </span>
              <span id={`${id}-${option.value}-help`} className="mt-0.5 block text-xs text-ink-soft">
                {option.help}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
