import { z } from 'zod'
import { probeReasons, type Monitor } from './monitor.ts'

export const healthStates = ['unknown', 'healthy', 'unhealthy'] as const
export type HealthState = (typeof healthStates)[number]

const state = z.enum(healthStates)

/** What the probes say of one backend. Unknown counts as usable. */
export const backendHealthSchema = z
  .strictObject({
    state,
    rip: state.nullable().describe("Verdict of the backend's own address; null when it is not asked."),
    vip: state.nullable().describe('Verdict of the VIPs through this backend, all of them together; null outside mode dsr.'),
    since: z.iso.datetime().describe('When it came into this state.'),
    reason: z.string().nullable().describe('Why it is unhealthy, in words.'),
    damped: z
      .strictObject({ seconds: z.number().describe('How long it must answer without a failure.'), until: z.iso.datetime().nullable().describe('When that is over; null while it does not answer.') })
      .nullable()
      .describe('It failed too often in ten minutes and comes back later than its monitor says; null otherwise.'),
    part: z.number().describe('How much of its share it has, 0 to 1: below 1 while it starts slowly.'),
  })
  .meta({ id: 'BackendHealth' })

/** One probe of the recent past. */
export const probeResultSchema = z
  .strictObject({ at: z.int().describe('ms since 1970'), ms: z.number().describe('How long it took.'), reason: z.enum(probeReasons).nullable().describe('Why it failed; null when the answer was good.') })
  .meta({ id: 'ProbeResult' })

/** What one address was asked recently, oldest result first; `detail` is what the last probe saw, in words. */
export const probeHistorySchema = z
  .strictObject({ path: z.enum(['rip', 'vip']), address: z.string(), port: z.int().nullable(), state, detail: z.string().nullable(), results: z.array(probeResultSchema) })
  .meta({ id: 'ProbeHistory' })

/** A backend that became unhealthy, or is it no longer. Other changes are none that anybody must know. */
export const healthEventSchema = z
  .strictObject({ at: z.iso.datetime(), farm: z.string(), backend: z.string(), from: state, to: state, reason: z.string().describe('Why, in words.') })
  .meta({ id: 'HealthEvent' })

export type BackendHealth = z.output<typeof backendHealthSchema>
export type ProbeHistory = z.output<typeof probeHistorySchema>
export type HealthEvent = z.output<typeof healthEventSchema>

/** What is known of one address: its state and how many results of a kind came in a row, successes above 0 and failures below. */
export type Track = { state: HealthState; row: number }

export const newTrack: Track = { state: 'unknown', row: 0 }

/** A track after one more result: `rise` successes in a row make it healthy and `fall` failures unhealthy; the first success is enough for one that nothing is known of. */
export function hear({ state, row }: Track, good: boolean, { rise, fall }: Pick<Monitor, 'rise' | 'fall'>): Track {
  const next = good ? Math.max(row, 0) + 1 : Math.min(row, 0) - 1
  if (next >= (state === 'unknown' ? 1 : rise)) return { state: 'healthy', row: next }
  return { state: -next >= fall ? 'unhealthy' : state, row: next }
}

/** Several states as one: unhealthy when any is, healthy when all are. */
export function joined(states: readonly HealthState[]): HealthState {
  if (states.includes('unhealthy')) return 'unhealthy'
  return states.length > 0 && states.every((one) => one === 'healthy') ? 'healthy' : 'unknown'
}

/** What the chosen paths of a monitor say together; a path that is not asked (null) does not count. */
export function measuredOf({ paths }: Pick<Monitor, 'paths'>, rip: HealthState | null, vip: HealthState | null): HealthState {
  return joined([...(paths === 'vip' ? [] : [rip]), ...(paths === 'rip' ? [] : [vip])].filter((one) => one !== null))
}

/**
 * What counts of a backend. Times are ms of a clock that never jumps: `falls` are those at which it stopped answering in the last
 * ten minutes, `hold` is how long it must answer before it is healthy again, `well` since when it does; `proven`: it was healthy once.
 */
export type Verdict = { state: HealthState; since: number; proven: boolean; falls: readonly number[]; hold: number; well: number | null }

/** Failures within ten minutes that cost no more than the monitor says, and the longest time that others cost, in ms. */
const [dampingMs, freeFalls, longestHoldMs] = [600_000, 3, 300_000]

export function newVerdict(at: number): Verdict {
  return { state: 'unknown', since: at, proven: false, falls: [], hold: 0, well: null }
}

/**
 * The verdict after a measurement at `at`. A backend that failed more than three times in ten minutes must answer for a time that
 * doubles with each further failure before it is healthy again, five minutes at most.
 */
export function judge(before: Verdict, measured: HealthState, at: number, { rise, interval }: Pick<Monitor, 'rise' | 'interval'>): Verdict {
  if (measured === 'unhealthy') return fallen(before, at, rise * interval * 1000)
  if (before.state !== 'unhealthy' || measured === 'unknown') return before.state === measured ? before : arrived(before, measured, at)
  const well = before.well ?? at
  if (at - well >= before.hold) return arrived(before, 'healthy', at)
  return before.well === null ? { ...before, well } : before
}

function arrived(before: Verdict, state: 'unknown' | 'healthy', at: number): Verdict {
  return { ...before, state, since: at, proven: before.proven || state === 'healthy', hold: 0, well: null }
}

function fallen(before: Verdict, at: number, riseMs: number): Verdict {
  const again = before.state === 'unhealthy'
  if (again && before.well === null) return before
  const falls = [...before.falls.filter((fall) => at - fall < dampingMs), at]
  const extra = falls.length - freeFalls
  return { ...before, state: 'unhealthy', since: again ? before.since : at, falls, hold: extra > 0 ? Math.min(longestHoldMs, riseMs * 2 ** extra) : 0, well: null }
}

/**
 * An unhealthy backend: since when, whether it was healthy before, whether it answers again and is only held back, and within which
 * time one failure shows at all backends, in ms. `spared`: another one has just begun to answer again, and this one may do so too.
 */
export type Fallen = { since: number; proven: boolean; well: boolean; spread: number; spared: boolean }

/** How long one failure may take to show at all backends that it hits, in ms. */
export function spreadOf({ interval, timeout, fall }: Pick<Monitor, 'interval' | 'timeout' | 'fall'>): number {
  return (interval * fall + timeout) * 1000
}

/** How long a backend may take to answer again after another one, when what ailed both is over, in ms. */
export function returnOf({ interval, timeout, rise }: Pick<Monitor, 'interval' | 'timeout' | 'rise'>): number {
  return (interval * (rise + 1) + timeout) * 1000
}

/** Who serves on when nobody is healthy: those that answer and are held back, else of those that ever were healthy the ones that failed last, together. */
export function lastHealthy(fallen: ReadonlyMap<string, Fallen>): Set<string> {
  const all = [...fallen]
  const well = all.filter(([, one]) => one.well)
  if (well.length > 0) return new Set(well.map(([name]) => name))
  const proven = all.filter(([, one]) => one.proven)
  const some = proven.length > 0 ? proven : all
  const newest = Math.max(...some.map(([, { since }]) => since))
  const spread = Math.max(...some.map(([, one]) => one.spread))
  return new Set(some.filter(([, { since }]) => newest - since <= spread).map(([name]) => name))
}

/** How much of its share (0 to 1) a backend has `ms` after it came back: a quarter at once, and one more after each third of the slow start, which is in seconds. */
export function partAfter(ms: number, slowStart: number): number {
  return slowStart === 0 ? 1 : Math.min(4, 1 + Math.floor((ms * 3) / (slowStart * 1000))) / 4
}
