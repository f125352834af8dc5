import { useId } from 'react'

type Props<T extends string> = { legend: string; options: ReadonlyArray<{ value: T; label: string }>; value: T; onChange: (value: T) => void; hiddenLegend?: boolean }

/** One of a few choices, all in view: radio buttons drawn as one strip. */
export function Segmented<T extends string>({ legend, options, value, onChange, hiddenLegend = false }: Props<T>) {
  const name = useId()
  return (
    <fieldset className="min-w-0">
      <legend className={hiddenLegend ? 'sr-only' : 'mb-1 text-sm font-medium text-ink'}>{legend}</legend>
      <div className="inline-flex max-w-full flex-wrap rounded-md border border-control-line bg-surface p-0.5">
        {options.map((option) => (
          <label
            key={option.value}
            className="relative cursor-pointer rounded-sm px-2.5 py-0.5 text-sm text-ink-soft has-checked:bg-accent-soft has-checked:font-medium has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent"
          >
            <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} className="absolute inset-0 cursor-pointer opacity-0" />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
