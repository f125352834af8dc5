import { useEffect, useState } from 'react'
import { Check, Copy } from 'lucide-react'
import { Button } from './button.tsx'
import { copyText } from './copy-text.ts'

const shownFor = 2000

/** Copies a text and says so; when the browser refuses, it says what to do instead. */
export function CopyButton({ text, label = 'Copy', size = 'md' }: { text: string; label?: string; size?: 'sm' | 'md' }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), shownFor)
    return () => clearTimeout(timer)
  }, [state])
  const copy = async () => setState((await copyText(text)) ? 'copied' : 'failed')
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
