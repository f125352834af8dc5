/** How often it is looked whether this process gets to run, and from which length on it counts that it did not, in ms. */
const everyMs = 20
const countedMs = 50
const rememberedMs = 120_000

let stalls: Array<{ end: number; ms: number }> = []

let watchers = 0
let timer: NodeJS.Timeout | null = null
let last = 0

function look(): void {
  const now = performance.now()
  const ms = now - last - everyMs
  last = now
  if (ms >= countedMs) stalls = [...stalls.filter(({ end }) => now - end < rememberedMs), { end: now, ms }]
}

/** Looks until what it answers is called; several share one timer. */
export function watchStalls(): () => void {
  if (watchers === 0) {
    last = performance.now()
    timer = setInterval(look, everyMs)
  }
  watchers += 1
  return () => {
    watchers -= 1
    if (watchers === 0 && timer) clearInterval(timer)
  }
}

/** For how much of the time since that moment (performance.now()) this process did not get to run, in ms; short pauses left out. */
export function stalledSince(moment: number): number {
  return stalls.filter(({ end }) => end > moment).reduce((sum, { end, ms }) => sum + Math.min(ms, end - moment), 0)
}
