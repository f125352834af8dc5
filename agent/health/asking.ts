import { hear, joined, newTrack, type HealthState, type ProbeHistory, type Track } from '#lib/domain/health.ts'
import type { ProbeResult, ProbeTarget } from '../probe/target.ts'

/**
 * One address that a backend is asked at: whether the link to it is up, what is known of it, when that was heard (performance.now()),
 * and what it answered recently.
 */
export type Asking = { target: ProbeTarget; link: boolean; track: Track; heardAt: number; detail: string | null; failure: string; results: ProbeHistory['results'] }

const resultsKept = 60

/** After so many intervals without a result, and this time at least, nothing is known any more. */
const [patientIntervals, patienceMs] = [5, 60_000]

/** An address that could not be asked for this long, in ms, and so many intervals, is told. */
const unaskedMs = 15_000

export function newAsking(target: ProbeTarget, at: number): Asking {
  return { target, link: true, track: newTrack, heardAt: at, detail: null, failure: '', results: [] }
}

/** Takes a result in. A probe that could not be sent is shown and says nothing about the backend. */
export function take(asking: Asking, result: ProbeResult, now: number): void {
  const { at, ms, reason, detail } = asking.link || result.reason === null ? result : { ...result, reason: 'not-possible' as const, detail: "The appliance's own link is down." }
  asking.results = [...asking.results.slice(1 - resultsKept), { at: Math.round(at), ms, reason }]
  asking.detail = detail
  if (reason === 'not-possible') return
  if (reason !== null) asking.failure = detail
  asking.track = hear(asking.track, reason === null, asking.target.monitor)
  asking.heardAt = now
}

/** Forgets what was heard too long ago. */
export function expire(asking: Asking, now: number): void {
  const { interval } = asking.target.monitor
  if (now - asking.heardAt > Math.max(patienceMs, patientIntervals * interval * 1000)) asking.track = newTrack
}

/** Why an address could not be asked lately, though the link to it is up; null when it could, or not for long enough to tell. */
export function obstacleOf({ target, link, heardAt, results, detail }: Asking, now: number): string | null {
  const patience = Math.max(unaskedMs, patientIntervals * target.monitor.interval * 1000)
  return link && results.at(-1)?.reason === 'not-possible' && now - heardAt > patience ? detail : null
}

/** Whether every address that counts answered last, or was not heard of yet. */
export function answers(askings: readonly Asking[]): boolean {
  return askings.every(({ target: { path, monitor }, track }) => track.row >= 0 || (monitor.paths !== 'both' && monitor.paths !== path))
}

/** What is known of one path; null when it is not asked. */
export function stateOf(askings: readonly Asking[], path: ProbeTarget['path']): HealthState | null {
  const states = askings.flatMap(({ target, track }) => (target.path === path ? [track.state] : []))
  return states.length > 0 ? joined(states) : null
}

/** Why a backend is unhealthy, in words; null when no address says so. What the own address says is not said again of the VIPs. */
export function reasonOf(askings: readonly Asking[]): string | null {
  const failing = askings.filter(({ target: { path, monitor }, track }) => track.state === 'unhealthy' && (monitor.paths === 'both' || monitor.paths === path))
  const rip = failing.find(({ target }) => target.path === 'rip')
  const said = rip ? [rip] : failing.slice(0, 1)
  if (said.length === 0) return null
  const own = !rip && stateOf(askings, 'rip') === 'healthy' ? ['Its own address answers.'] : []
  const vips = failing.length - said.length
  const more = vips > 0 ? [rip ? 'The VIP does not answer either.' : `${vips} more of its VIPs ${vips === 1 ? 'does' : 'do'} not answer.`] : []
  return [...said.map(({ target, failure }) => `${nameOf(target)}: ${failure}`), ...more, ...own].join(' ')
}

function nameOf({ path, address, port }: ProbeTarget): string {
  const place = port === null ? address : `${address} port ${port}`
  return path === 'vip' ? `VIP ${place} through this backend` : place
}

export function historyOf({ target: { path, address, port }, track: { state }, detail, results }: Asking): ProbeHistory {
  return { path, address, port, state, detail, results }
}
