import type { ProbeHistory } from '#lib/domain/health.ts'

type Results = ProbeHistory['results']

/** As many results as are kept of each address. */
export const slots = 60

export const height = 10

/** Bars of a strip as three drawings. Failures are taller than answers, and what could not be sent is a dot: colour says nothing that the shape does not. */
export type StripPaths = { good: string; failed: string; unsent: string }

/** Draws results from right to left, the newest one last; each has a slot of width 1. */
export function stripPaths(results: Results): StripPaths {
  const bars = (wanted: (reason: Results[number]['reason']) => boolean, top: number): string => results.map(({ reason }, index) => (wanted(reason) ? `M${slotOf(results, index) + 0.15} ${top}h0.7V${height}h-0.7z` : '')).join('')
  return { good: bars((reason) => reason === null, 4), failed: bars((reason) => reason !== null && reason !== 'not-possible', 0), unsent: bars((reason) => reason === 'not-possible', 8) }
}

/** Where a result stands. */
export function slotOf(results: Results, index: number): number {
  return slots - results.length + index
}

/** The result at a share (0 to 1) of the width; null where there is none yet. */
export function indexAt(results: Results, share: number): number | null {
  const index = Math.min(slots - 1, Math.max(0, Math.floor(share * slots))) - (slots - results.length)
  return index < 0 ? null : index
}
