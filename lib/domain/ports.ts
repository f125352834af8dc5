export type PortRange = { from: number; to: number }

/** Reads `80` or `8000-8010`, each 1–65535 and from ≤ to; null when it is neither. */
export function parsePortRange(text: string): PortRange | null {
  const match = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(text)
  if (!match) return null
  const from = Number(match[1])
  const to = Number(match[2] ?? match[1])
  return from <= to && to <= 65535 ? { from, to } : null
}

/** Prints a range the way `parsePortRange` reads it. */
export function printPortRange(range: PortRange): string {
  return range.from === range.to ? String(range.from) : `${range.from}-${range.to}`
}

/** The ranges of a list of accepted port texts. */
export function portRanges(ports: readonly string[]): PortRange[] {
  return ports.flatMap((text) => parsePortRange(text) ?? [])
}

/** Sorts a list of port texts and joins those that overlap; neighbours stay apart, as they were written. */
export function normalizePorts(ports: readonly string[]): string[] {
  const sorted = portRanges(ports).sort((a, b) => a.from - b.from || a.to - b.to)
  const joined: PortRange[] = []
  for (const range of sorted) {
    const last = joined.at(-1)
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to)
    else joined.push({ ...range })
  }
  return joined.map(printPortRange)
}

/** The first port that two port lists share, or null. An empty list means every port. */
export function sharedPort(a: readonly string[], b: readonly string[]): number | null {
  const all = [{ from: 1, to: 65535 }]
  const left = a.length ? portRanges(a) : all
  const right = b.length ? portRanges(b) : all
  for (const x of left) {
    for (const y of right) if (x.from <= y.to && y.from <= x.to) return Math.max(x.from, y.from)
  }
  return null
}
