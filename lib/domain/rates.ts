import type { AgentStats } from './agent-protocol.ts'
import type { AgentFarmStats, BackendTotals, FarmTotals, Rates } from './stats.ts'

/** Two samples that lie further apart, in seconds, say nothing about any moment between them: the agent was away. */
const longestSeconds = 20

/** What was counted between two samples. A farm or backend is in it when both samples have it and it was counted all the while. */
export type Interval = { seconds: number; endedAt: Date; farms: ReadonlyMap<string, FarmInterval> }
export type FarmInterval = FarmTotals & { backends: ReadonlyMap<string, BackendTotals> }

const backendKeys = ['packets', 'bytes', 'connections'] as const
const farmKeys = [...backendKeys, 'unsent'] as const

/**
 * What happened from one sample to the next; null when the time between them is none, runs backwards or is too long. A total
 * that shrank began anew at an unknown moment, so nothing is known of this interval: a gap, never a peak.
 */
export function between(before: AgentStats, after: AgentStats): Interval | null {
  const endedAt = new Date(after.at)
  const seconds = (endedAt.getTime() - Date.parse(before.at)) / 1000
  if (seconds <= 0 || seconds > longestSeconds) return null
  return { seconds, endedAt, farms: grown(before.farms, after.farms, farmInterval) }
}

function farmInterval(old: AgentFarmStats, now: AgentFarmStats): FarmInterval | null {
  const totals = difference(farmKeys, old, now)
  return totals && { ...totals, backends: grown(old.backends, now.backends, (one, other) => difference(backendKeys, one, other)) }
}

function grown<T extends { name: string }, D>(before: readonly T[], after: readonly T[], compare: (old: T, now: T) => D | null): Map<string, D> {
  const known = new Map(before.map((one) => [one.name, one]))
  const result = new Map<string, D>()
  for (const now of after) {
    const old = known.get(now.name)
    const found = old && compare(old, now)
    if (found) result.set(now.name, found)
  }
  return result
}

function difference<K extends string>(keys: readonly K[], old: Record<K, number>, now: Record<K, number>): Record<K, number> | null {
  if (keys.some((key) => now[key] < old[key])) return null
  return Object.fromEntries(keys.map((key) => [key, now[key] - old[key]])) as Record<K, number> // The keys are those of the type.
}

/** What was counted in some seconds, per second. */
export function perSecond({ packets, bytes, connections }: BackendTotals, seconds: number): Rates {
  return { packets: rounded(packets / seconds), bits: rounded((bytes * 8) / seconds), connections: rounded(connections / seconds) }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
