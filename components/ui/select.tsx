import type { ComponentProps } from 'react'
import { ChevronDown } from 'lucide-react'
import { controlLook } from './input.tsx'

export type SelectOption = { value: string; label: string; disabled?: boolean }

/** The browser's own select: it works with every keyboard, screen reader and phone. */
export function Select({ options, className = '', ...rest }: ComponentProps<'select'> & { options: readonly SelectOption[] }) {
  return (
    <span className={`relative block min-w-0 ${className}`}>
      <select {...rest} className={`${controlLook} appearance-none pr-8`}>
        {options.map(({ value, label, disabled }) => (
          <option key={value} value={value} disabled={disabled}>
            {label}
          </option>
        ))}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-2 right-2 size-4 text-ink-faint" />
    </span>
  )
}
