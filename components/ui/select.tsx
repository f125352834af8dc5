import type { ComponentProps } from 'react'
import { ChevronDown } from 'lucide-react'
import { controlLook } from './input.tsx'

export type SelectOption = { value: string; label: string; disabled?: boolean }
export type SelectGroup = { label: string; options: readonly SelectOption[] }

/** The browser's own select: it works with every keyboard, screen reader and phone. */
export function Select({ options, className = '', ...rest }: ComponentProps<'select'> & { options: ReadonlyArray<SelectOption | SelectGroup> }) {
  return (
    <span className={`relative block min-w-0 ${className}`}>
      <select {...rest} className={`${controlLook} appearance-none pr-8`}>
        {options.map((option) =>
          'options' in option ? (
            <optgroup key={option.label} label={option.label}>
              {option.options.map((one) => (
                <Option key={one.value} {...one} />
              ))}
            </optgroup>
          ) : (
            <Option key={option.value} {...option} />
          ),
        )}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-2 right-2 size-4 text-ink-faint" />
    </span>
  )
}

function Option({ value, label, disabled }: SelectOption) {
  return (
    <option value={value} disabled={disabled}>
      {label}
    </option>
  )
}
