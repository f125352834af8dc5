const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** How long ago a moment was, in words; `now` in milliseconds. Clocks that differ a little make no future. */
export function agoText(iso: string, now: number): string {
  const past = now - Date.parse(iso)
  if (past < minute) return 'just now'
  if (past < hour) return `${Math.floor(past / minute)} min ago`
  if (past < 2 * day) return `${Math.floor(past / hour)} h ago`
  return `${Math.floor(past / day)} days ago`
}
