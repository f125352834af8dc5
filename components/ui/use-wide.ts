import { useSyncExternalStore } from 'react'

const query = '(min-width: 80rem)'

function subscribe(changed: () => void): () => void {
  const list = window.matchMedia(query)
  list.addEventListener('change', changed)
  return () => list.removeEventListener('change', changed)
}

/** Whether the window is as wide as the breakpoint `xl`: for what would be too much to draw in two forms of which one is hidden. */
export function useWide(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => window.matchMedia(query).matches,
    () => true,
  )
}
