import type { BackendHealth, HealthState, ProbeHistory } from '#lib/domain/health.ts'
import type { ProbeReason } from '#lib/domain/monitor.ts'
import { countText, durationText } from '#components/traffic/units.ts'
import type { Downtime } from './downtime.ts'

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

export const stateWords: Record<HealthState, string> = { healthy: 'healthy', unhealthy: 'unhealthy', unknown: 'unknown' }

const reasonWords: Record<ProbeReason, string> = {
  timeout: 'no answer in time',
  refused: 'refused',
  unreachable: 'unreachable',
  closed: 'closed before the answer',
  'wrong-status': 'wrong status',
  'wrong-body': 'text not in the answer',
  'wrong-answer': 'wrong answer',
  tls: 'TLS failed',
  protocol: 'another protocol',
  forwarded: 'sent on to somewhere else',
  'not-possible': 'could not be sent',
}

type Result = ProbeHistory['results'][number]

/** One probe in words: when it was, how long it took, and what came of it. */
export function resultText({ at, ms, reason }: Result): string {
  return `${clock.format(at)} · ${msText(ms)} · ${reason === null ? 'answered' : reasonWords[reason]}`
}

/** Milliseconds as they matter: with a decimal below ten. */
export function msText(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : countText(Math.round(ms))}\u00a0ms`
}

/** Where a probe goes: address and port, IPv6 in brackets before a port. */
export function placeText({ address, port }: Pick<ProbeHistory, 'address' | 'port'>): string {
  return port === null ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** What holds a backend back that failed too often; null when nothing does. */
export function dampedText({ damped }: Pick<BackendHealth, 'damped'>): string | null {
  if (!damped) return null
  const often = 'It failed too often in ten minutes.'
  if (damped.until === null) return `${often} When it answers again it must do so for ${durationText(damped.seconds)} before it comes back.`
  return `${often} It comes back at ${clock.format(new Date(damped.until))} if it goes on answering.`
}

/** How much of its share a backend has that starts slowly; null when it has all of it. */
export function slowText({ part }: Pick<BackendHealth, 'part'>): string | null {
  return part < 1 ? `It starts slowly and has ${Math.round(part * 100)}\u00a0% of its share now.` : null
}

/** How long a backend was unhealthy, or is it so far; null when that is not known. `now` in ms. */
export function downText({ from, to, lasts }: Downtime, now: number): string | null {
  const end = to !== null ? Date.parse(to) : lasts ? now : null
  return from === null || end === null ? null : durationText((end - Date.parse(from)) / 1000)
}
