import type { ComponentProps, MouseEvent, ReactNode } from 'react'
import { LoaderCircle } from 'lucide-react'
import { Hint } from './hint.tsx'

const tones = {
  primary: 'bg-accent-solid text-white hover:bg-accent-solid-hover shadow-raised',
  secondary: 'bg-surface text-ink border border-line-strong hover:bg-sunken shadow-raised',
  quiet: 'text-ink-soft hover:bg-sunken hover:text-ink',
  danger: 'bg-danger-solid text-white hover:bg-danger-solid-hover shadow-raised',
} as const

const sizes = { md: 'h-8 px-3 text-sm gap-1.5', sm: 'h-7 px-2 text-xs gap-1' } as const

export type ButtonTone = keyof typeof tones

/** The look of a button, also for links that act like one. */
export function buttonLook(tone: ButtonTone = 'secondary', size: keyof typeof sizes = 'md'): string {
  return `inline-flex items-center justify-center rounded-md font-medium whitespace-nowrap transition-colors select-none aria-disabled:opacity-55 aria-disabled:cursor-not-allowed ${sizes[size]} ${tones[tone]}`
}

type Props = Omit<ComponentProps<'button'>, 'disabled'> & {
  tone?: ButtonTone
  size?: keyof typeof sizes
  icon?: ReactNode
  busy?: boolean
  /** Says why the button cannot be used now, null when it can; it keeps its place in the tab order, and the focus, so that everyone can read the reason. */
  disabledReason?: string | null
}

export function Button({ tone = 'secondary', size = 'md', icon, busy = false, disabledReason, children, className = '', onClick, type = 'button', ...rest }: Props) {
  const blocked = busy || typeof disabledReason === 'string'
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (blocked) event.preventDefault()
    else onClick?.(event)
  }
  const button = (
    <button {...rest} type={type} className={`${buttonLook(tone, size)} ${className}`} aria-disabled={blocked || undefined} aria-busy={busy || undefined} onClick={press}>
      {busy ? <LoaderCircle aria-hidden className="size-4 animate-spin" /> : icon}
      {children}
    </button>
  )
  return disabledReason === undefined ? button : <Hint text={disabledReason}>{button}</Hint>
}
