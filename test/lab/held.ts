import type { Held } from './programs/protocol.ts'

/** How many held connections each backend has; broken ones are left out. */
export function perBackend({ backends }: Held): Record<string, number> {
  return tally(backends)
}

/** Of the connections that worked in `before`: how many do not in `after`, by the backend that they were on. Empty when none broke. */
export function broken(before: Held, after: Held): Record<string, number> {
  return tally(before.backends.filter((backend, index) => after.backends[index] !== backend))
}

function tally(backends: ReadonlyArray<string | null>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const backend of backends) if (backend !== null) counts[backend] = (counts[backend] ?? 0) + 1
  return counts
}
