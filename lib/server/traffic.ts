import { agentStatsSchema, type AgentStats } from '#lib/domain/agent-protocol.ts'
import { between, type Interval } from '#lib/domain/rates.ts'
import { addTo, placeOf, type Hour } from '#lib/domain/traffic-history.ts'
import { askAgent } from './agent.ts'
import { singleton } from './singleton.ts'
import { loadHour, saveHour } from './traffic-hours.ts'

/** The last sample and what happened since the one before; the hour that is being filled, and its newest bucket. */
type Traffic = { sample: AgentStats | null; takenAt: number; interval: Interval | null; hour: Hour | null; index: number }

/** How long the agent may take, and how old a sample may be to count as now, in ms. */
const patience = 3000
const freshFor = 15_000

function traffic(): Traffic {
  return singleton<Traffic>('traffic', () => ({ sample: null, takenAt: 0, interval: null, hour: null, index: 0 }))
}

/** Takes a sample of the counters and adds what happened since the last one to the history. Without the agent nothing is added: a gap. */
export async function sampleTraffic(): Promise<void> {
  const result = await askAgent('GET', '/v1/stats', agentStatsSchema, patience)
  const state = traffic()
  // The agent answers the same reading to all who ask within a second.
  if (!result.ok || state.sample?.at === result.value.at) return
  state.interval = state.sample && between(state.sample, result.value)
  state.sample = result.value
  state.takenAt = performance.now()
  if (state.interval) await record(state, state.interval)
}

/** Counts an interval in, and writes the hour down whenever a bucket began: 12 times an hour, in one transaction for all farms. */
async function record(state: Traffic, { endedAt, seconds, farms }: Interval): Promise<void> {
  const { hour, index } = placeOf(endedAt)
  const before = state.hour
  const current = before?.hour === hour ? before : await loadHour(hour)
  for (const [name, counted] of farms) current.farms.set(name, addTo(current.farms.get(name) ?? [], index, seconds, counted))
  const began = before !== null && (before !== current || state.index !== index)
  state.hour = current
  state.index = index
  if (!began) return
  if (before !== current) await saveHour(before)
  await saveHour(current)
}

/** The newest sample and what happened before it; null when it is too old to speak of now. */
export function trafficNow(): { sample: AgentStats; interval: Interval | null } | null {
  const { sample, takenAt, interval } = traffic()
  return sample && performance.now() - takenAt <= freshFor ? { sample, interval } : null
}

/** The hour that is being filled and is not written down completely. */
export function unfinishedHour(): Hour | null {
  return traffic().hour
}
