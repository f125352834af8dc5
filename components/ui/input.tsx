import type { ComponentProps } from 'react'

export const controlLook =
  'h-8 w-full min-w-0 rounded-md border border-control-line bg-surface px-2.5 text-sm text-ink transition-colors hover:border-ink-faint focus-visible:outline-offset-0 aria-invalid:border-danger aria-disabled:cursor-not-allowed aria-disabled:border-line-strong aria-disabled:bg-sunken aria-disabled:text-ink-faint disabled:cursor-not-allowed disabled:border-line-strong disabled:bg-sunken disabled:text-ink-faint'

export function Input({ className = '', mono = false, ...rest }: ComponentProps<'input'> & { mono?: boolean }) {
  return <input autoComplete="off" spellCheck={false} {...rest} className={`${controlLook} ${mono ? 'font-mono' : ''} ${className}`} />
}
