import type { ComponentProps, ReactNode } from 'react'
import { Hint } from './hint.tsx'

type Props = Omit<ComponentProps<'button'>, 'children'> & { label: string; icon: ReactNode }

/** A button that is only an icon; its label is read aloud and shown as a hint. */
export function IconButton({ label, icon, className = '', ...rest }: Props) {
  return (
    <Hint text={label}>
      <button type="button" {...rest} aria-label={label} className={`inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft transition-colors hover:bg-sunken hover:text-ink ${className}`}>
        {icon}
      </button>
    </Hint>
  )
}
