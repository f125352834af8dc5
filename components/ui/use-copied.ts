import { useEffect, useState } from 'react'
import { copyText } from './copy-text.ts'

const shownFor = 2000

/** Copies a text and tells for two seconds how that went. */
export function useCopied(text: string): { state: 'idle' | 'copied' | 'failed'; copy: () => Promise<void> } {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), shownFor)
    return () => clearTimeout(timer)
  }, [state])
  return { state, copy: async () => setState((await copyText(text)) ? 'copied' : 'failed') }
}
