/** How often it is looked whether this process gets to run, and from which length on it counts that it did not, in ms. */
const everyMs = 20
const countedMs = 50
const rememberedMs = 120_000

let stalls: Array<{ end: number; ms: number }> = []

/** Begins to look. */
export function watchStalls(): void {
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    const ms = now - last - everyMs
    last = now
    if (ms >= countedMs) stalls = [...stalls.filter(({ end }) => now - end < rememberedMs), { end: now, ms }]
  }, everyMs).unref()
}

/** For how much of the time since that moment (performance.now()) this process did not get to run, in ms; short pauses left out. */
export function stalledSince(moment: number): number {
  return stalls.filter(({ end }) => end > moment).reduce((sum, { end, ms }) => sum + Math.min(ms, end - moment), 0)
}
