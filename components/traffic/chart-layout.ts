import type { TrafficPoint } from '#lib/domain/stats.ts'

/** Five minutes in ms, and how many of them the chart shows: 24 hours. */
const bucketMs = 300_000
export const slots = 288

/** Height of the view box; its width is one unit a slot. */
export const height = 100

/**
 * A day of traffic in steps of five minutes. `values` has a rate per second for each slot, the oldest first, null where nothing was
 * measured; `line` and `area` are SVG path data, broken where there are gaps; `top` is the value at the upper edge.
 */
export type ChartLayout = { values: ReadonlyArray<number | null>; starts: (slot: number) => Date; top: number; line: string; area: string }

/** Lays out the 24 hours up to now. The window moves on by whole slots, so that the picture stands still between two of them. */
export function layoutChart(points: readonly TrafficPoint[], count: (point: TrafficPoint) => number, now: number): ChartLayout {
  const bucketOf = (point: TrafficPoint) => Math.floor(Date.parse(point.at) / bucketMs)
  const last = Math.max(Math.floor(now / bucketMs), ...points.map(bucketOf))
  const first = last - slots + 1
  const values: Array<number | null> = Array.from({ length: slots }, () => null)
  for (const point of points) if (bucketOf(point) >= first) values[bucketOf(point) - first] = count(point) / point.seconds
  const top = roundTop(Math.max(0, ...values.map((value) => value ?? 0)))
  const runs = runsOf(values.map((value) => (value === null ? null : height - (value / top) * height)))
  return {
    values,
    starts: (slot) => new Date((first + slot) * bucketMs),
    top,
    line: runs.map(({ slot, steps }) => `M${slot} ${steps[0]}${stairs(slot, steps)}`).join(''),
    area: runs.map(({ slot, steps }) => `M${slot} ${height}V${steps[0]}${stairs(slot, steps)}V${height}Z`).join(''),
  }
}

/** The next of 1, 2 and 5 times a power of ten, at least 1. */
function roundTop(value: number): number {
  if (value <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? 10 * power
}

type Run = { slot: number; steps: number[] }

function runsOf(heights: ReadonlyArray<number | null>): Run[] {
  const runs: Run[] = []
  heights.forEach((y, slot) => {
    if (y === null) return
    const open = runs.at(-1)
    const step = Math.round(y * 100) / 100
    if (open && open.slot + open.steps.length === slot) open.steps.push(step)
    else runs.push({ slot, steps: [step] })
  })
  return runs
}

function stairs(slot: number, steps: readonly number[]): string {
  return steps.map((y, index) => `${index > 0 ? `V${y}` : ''}H${slot + index + 1}`).join('')
}
