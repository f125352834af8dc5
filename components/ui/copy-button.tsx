import { Check, Copy } from 'lucide-react'
import { Button } from './button.tsx'
import { useCopied } from './use-copied.ts'

/** Copies a text and says so; when the browser refuses, it says what to do instead. */
export function CopyButton({ text, label = 'Copy', size = 'md' }: { text: string; label?: string; size?: 'sm' | 'md' }) {
  const { state, copy } = useCopied(text)
  const Icon = state === 'copied' ? Check : Copy
  return (
    <>
      <Button size={size} icon={<Icon aria-hidden className="size-4" />} onClick={() => void copy()}>
        {state === 'copied' ? 'Copied' : state === 'failed' ? 'Select and copy by hand' : label}
      </Button>
      <span role="status" className="sr-only">
        {state === 'copied' ? 'Copied to the clipboard' : ''}
      </span>
    </>
  )
}
