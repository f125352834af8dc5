import { Button } from './button.tsx'

/** Loads the next page of a list, below it. */
export function MoreButton({ shown, busy, onMore }: { shown: boolean; busy: boolean; onMore: () => void }) {
  if (!shown) return null
  return (
    <div className="flex justify-center border-t border-line p-3">
      <Button busy={busy} onClick={onMore}>
        Load more
      </Button>
    </div>
  )
}
