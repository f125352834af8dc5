import { z } from 'zod'
import type { FarmTotals, TrafficPoint } from './stats.ts'

/** Length of a bucket, in seconds, and how far the history goes back, in hours. */
export const bucketSeconds = 300
export const historyHours = 24

const hourMs = 3_600_000

/** What was counted in five minutes of an hour; `seconds` is for how much of them. The index runs from 0 to 11. */
export type Bucket = FarmTotals & { index: number; seconds: number }

/** The buckets of one hour by farm; `hour` counts from 1970. Buckets in which nothing was measured are missing. */
export type Hour = { hour: number; farms: Map<string, Bucket[]> }

/** The hour that holds a moment, and the bucket in it. */
export function placeOf(at: Date): { hour: number; index: number } {
  const hour = Math.floor(at.getTime() / hourMs)
  return { hour, index: Math.floor((at.getTime() - hour * hourMs) / (bucketSeconds * 1000)) }
}

/** Adds an interval to the bucket in which it ended; `seconds` keeps the rate of a bucket right when an interval began in the one before. */
export function addTo(buckets: readonly Bucket[], index: number, seconds: number, counted: FarmTotals): Bucket[] {
  const old = buckets.find((bucket) => bucket.index === index) ?? { index, seconds: 0, packets: 0, bytes: 0, connections: 0, unsent: 0 }
  const bucket = {
    index,
    // Milliseconds, so that no rest of binary fractions is carried along.
    seconds: Math.round((old.seconds + seconds) * 1000) / 1000,
    packets: old.packets + counted.packets,
    bytes: old.bytes + counted.bytes,
    connections: old.connections + counted.connections,
    unsent: old.unsent + counted.unsent,
  }
  return [...buckets.filter((one) => one.index !== index), bucket].sort((a, b) => a.index - b.index)
}

const number = z.number().nonnegative()
const storedSchema = z.array(z.tuple([number, number, number, number, number, number]))

/** An hour of a farm as it is stored: [[index, seconds, packets, bytes, connections, unsent]]. */
export function bucketsToText(buckets: readonly Bucket[]): string {
  return JSON.stringify(buckets.map(({ index, seconds, packets, bytes, connections, unsent }) => [index, seconds, packets, bytes, connections, unsent]))
}

/** Reads a stored hour; anything else throws. */
export function bucketsFromText(text: string): Bucket[] {
  return storedSchema.parse(JSON.parse(text)).map(([index, seconds, packets, bytes, connections, unsent]) => ({ index, seconds, packets, bytes, connections, unsent }))
}

/** The buckets of some hours as points in time, oldest first, without those that began more than 24 hours before `now`. */
export function pointsOf(hours: ReadonlyArray<{ hour: number; buckets: readonly Bucket[] }>, now: Date): TrafficPoint[] {
  const points = hours.flatMap(({ hour, buckets }) => buckets.map(({ index, ...counted }) => ({ start: hour * hourMs + index * bucketSeconds * 1000, counted })))
  return points
    .filter(({ start }) => start > now.getTime() - historyHours * hourMs)
    .sort((a, b) => a.start - b.start)
    .map(({ start, counted }) => ({ at: new Date(start).toISOString(), ...counted }))
}
