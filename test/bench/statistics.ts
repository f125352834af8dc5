/** Median, and the quartiles as spread. */
export type Summary = { median: number; low: number; high: number }

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

/** Prints a summary in ms as `12.3 (11.8–13.0)`. */
export function printed({ median, low, high }: Summary): string {
  return `${median.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`
}
