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

/** How long it is until a moment, in words; null when it has passed. */
export function untilText(iso: string, now: number): string | null {
  const left = Date.parse(iso) - now
  if (left <= 0) return null
  if (left < 2 * hour) return `${Math.max(1, Math.round(left / minute))} min`
  return `${Math.round(left / hour)} h`
}
