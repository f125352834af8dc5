import { Button } from './button.tsx'

type Props = { total: number; limit: number; portion: number; onLimit: (limit: number) => void }

/** Below a list of which only the first `limit` are drawn: draws more of them, or all. Nothing when all are there. */
export function ShowMore({ total, limit, portion, onLimit }: Props) {
  if (total <= limit) return null
  return (
    <div className="flex flex-wrap items-center justify-center gap-3 border-t border-line p-3 text-sm text-ink-soft">
      <span className="nums">
        The first {limit} of {total}.
      </span>
      <Button onClick={() => onLimit(limit + portion)}>Show {Math.min(portion, total - limit)} more</Button>
      <Button onClick={() => onLimit(Infinity)}>Show all</Button>
    </div>
  )
}
