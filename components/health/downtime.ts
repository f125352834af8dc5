import type { Event } from '#lib/domain/replies.ts'

/** A time in which a backend was unhealthy. `from` is null when it began before what is known; `to` is null as long as it lasts, and when its end was not recorded. */
export type Downtime = { from: string | null; to: string | null; lasts: boolean }

/**
 * The times that events begin and end, by the id of the event. Takes events newest first and without a gap, so that what came
 * after each of them is known; what came before the last one need not be.
 */
export function downtimes(events: readonly Event[]): Map<number, Downtime> {
  const found = new Map<number, Downtime>()
  const later = new Map<string, Event>()
  for (const event of events) {
    const key = `${event.farm}/${event.backend}`
    const next = later.get(key)
    later.set(key, event)
    if (event.from === 'unhealthy') found.set(event.id, { from: null, to: event.at, lasts: false })
    if (event.to !== 'unhealthy') continue
    const ended = next?.from === 'unhealthy' ? next : null
    const downtime = { from: event.at, to: ended?.at ?? null, lasts: next === undefined }
    found.set(event.id, downtime)
    if (ended) found.set(ended.id, downtime)
  }
  return found
}
