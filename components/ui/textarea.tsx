import type { ComponentProps } from 'react'

/** A field for text that is pasted as it is. */
export function Textarea({ className = '', ...rest }: ComponentProps<'textarea'>) {
  return (
    <textarea
      autoComplete="off"
      spellCheck={false}
      {...rest}
      className={`block w-full min-w-0 resize-y rounded-md border border-control-line bg-surface px-2.5 py-1.5 font-mono text-xs leading-5 text-ink transition-colors hover:border-ink-faint focus-visible:outline-offset-0 aria-invalid:border-danger ${className}`}
    />
  )
}
