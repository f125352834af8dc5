import { expect, test } from 'vitest'
import { downtimes } from '#components/health/downtime.ts'
import { downText } from '#components/health/health-words.ts'
import type { Event } from '#lib/domain/replies.ts'

const at = (second: number): string => `2026-11-21T10:00:${String(second).padStart(2, '0')}.000Z`
const now = Date.parse(at(50))

/** The event with this number, in that second: its backend fails, comes back, or is not known any more. */
function event(id: number, what: 'fails' | 'returns' | 'is-left', different: Partial<Event> = {}): Event {
  const [from, to] = what === 'fails' ? (['healthy', 'unhealthy'] as const) : (['unhealthy', what === 'returns' ? 'healthy' : 'unknown'] as const)
  return { id, at: at(id), farm: 'web', backend: 'web1', from, to, reason: '', ...different }
}

/** "event: from – to" of each, and how long it was. */
function told(...events: Event[]): string[] {
  return [...downtimes(events)].map(([id, time]) => `${id}: ${time.from?.slice(17, 19) ?? '?'} – ${time.to?.slice(17, 19) ?? '?'} ${downText(time, now)?.replaceAll('\u00a0', ' ') ?? 'not known'}`).sort()
}

test('a downtime is told at both of its ends', () => {
  expect(told(event(20, 'returns'), event(10, 'fails'))).toEqual(['10: 10 – 20 10 s', '20: 10 – 20 10 s'])
})

test('one that lasts counts on, and one whose beginning is not there has no length', () => {
  expect(told(event(30, 'fails'), event(20, 'returns'))).toEqual(['20: ? – 20 not known', '30: 30 – ? 20 s'])
})

test('it ends too when a backend is not checked any more', () => {
  expect(told(event(20, 'is-left'), event(10, 'fails'))).toEqual(['10: 10 – 20 10 s', '20: 10 – 20 10 s'])
})

test('backends of the same name in two farms are two', () => {
  expect(told(event(20, 'returns', { farm: 'dns' }), event(15, 'fails', { backend: 'web2' }), event(10, 'fails'))).toEqual(['10: 10 – ? 40 s', '15: 15 – ? 35 s', '20: ? – 20 not known'])
})

test('a failure after a failure means that the end of the first was not recorded', () => {
  expect(told(event(30, 'returns'), event(20, 'fails', { from: 'unknown' }), event(10, 'fails'))).toEqual(['10: 10 – ? not known', '20: 20 – 30 10 s', '30: 20 – 30 10 s'])
})
