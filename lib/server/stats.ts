import { perSecond } from '#lib/domain/rates.ts'
import type { AgentFarmStats, BackendTotals, FarmStats, FarmTotals, Stats } from '#lib/domain/stats.ts'
import { pointsOf } from '#lib/domain/traffic-history.ts'
import { getFarm } from './farms.ts'
import { trafficNow, unfinishedHour } from './traffic.ts'
import { loadFarmHours } from './traffic-hours.ts'

/** Totals and present rates of all farms that are in the kernel. */
export function stats(): Stats {
  const now = trafficNow()
  if (!now) return { at: null, farms: [] }
  const { sample, interval } = now
  return {
    at: sample.at,
    farms: sample.farms.map((farm) => {
      const counted = interval?.farms.get(farm.name)
      return { name: farm.name, totals: totalsOf(farm), rates: interval && counted ? perSecond(counted, interval.seconds) : null }
    }),
  }
}

/** Totals and present rates of one farm and its backends, and its last 24 hours; refuses when there is no such farm. */
export async function farmStats(name: string): Promise<FarmStats> {
  const { farm } = await getFarm(name)
  const { sample = null, interval = null } = trafficNow() ?? {}
  const seen = sample?.farms.find((one) => one.name === name)
  const counted = interval?.farms.get(name)
  return {
    name,
    at: sample?.at ?? null,
    totals: seen ? totalsOf(seen) : null,
    rates: interval && counted ? perSecond(counted, interval.seconds) : null,
    backends: farm.backends.map((backend) => {
      const grown = counted?.backends.get(backend.name)
      return { name: backend.name, totals: backendTotals(seen, backend.name), rates: interval && grown ? perSecond(grown, interval.seconds) : null }
    }),
    history: await history(name),
  }
}

async function history(name: string): Promise<FarmStats['history']> {
  const now = new Date()
  const stored = await loadFarmHours(name, now)
  const unfinished = unfinishedHour()
  const hours = unfinished ? [...stored.filter(({ hour }) => hour !== unfinished.hour), { hour: unfinished.hour, buckets: unfinished.farms.get(name) ?? [] }] : stored
  return pointsOf(hours, now)
}

function totalsOf({ packets, bytes, connections, unsent }: AgentFarmStats): FarmTotals {
  return { packets, bytes, connections, unsent }
}

function backendTotals(farm: AgentFarmStats | undefined, name: string): BackendTotals | null {
  const seen = farm?.backends.find((one) => one.name === name)
  return seen ? { packets: seen.packets, bytes: seen.bytes, connections: seen.connections } : null
}
