import fc from 'fast-check'
import { expect, test } from 'vitest'
import { height, layoutChart, slots } from '#components/traffic/chart-layout.ts'
import type { TrafficPoint } from '#lib/domain/stats.ts'

const now = Date.parse('2026-11-21T10:07:00Z')

function point(at: string, packets: number, seconds = 300): TrafficPoint {
  return { at, seconds, packets, bytes: 0, connections: 0, unsent: 0 }
}

function layout(points: TrafficPoint[], at = now): ReturnType<typeof layoutChart> {
  return layoutChart(points, ({ packets }) => packets, at)
}

test('the newest bucket is the last slot, and its rate is that of the seconds that were counted', () => {
  const chart = layout([point('2026-11-21T10:00:00Z', 3000), point('2026-11-21T10:05:00Z', 1200, 120)])
  expect(chart.values.slice(-3)).toEqual([null, 10, 10])
  expect(chart.starts(slots - 1).toISOString()).toBe('2026-11-21T10:05:00.000Z')
})

test('what is older than 24 hours is not drawn', () => {
  const chart = layout([point('2026-11-20T10:05:00Z', 9000), point('2026-11-20T10:10:00Z', 300)])
  expect(chart.values[0]).toBe(1)
  expect(chart.top).toBe(1)
})

test('a gap breaks the line, and neighbours are joined in steps', () => {
  const chart = layout([point('2026-11-21T09:50:00Z', 300), point('2026-11-21T09:55:00Z', 150), point('2026-11-21T10:05:00Z', 300)])
  expect(chart.line).toBe('M284 0H285V50H286M287 0H288')
  expect(chart.area).toBe('M284 100V0H285V50H286V100ZM287 100V0H288V100Z')
})

test('a browser whose clock is behind shows the newest bucket all the same', () => {
  expect(layout([point('2026-11-21T10:05:00Z', 300)], now - 3_600_000).values.at(-1)).toBe(1)
})

test('the picture stands still between two slots', () => {
  const points = [point('2026-11-21T10:00:00Z', 700), point('2026-11-21T10:05:00Z', 300)]
  expect(layout(points, now).line).toBe(layout(points, now + 170_000).line)
})

test('the upper edge is a round number that nothing is above of', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (rate) => {
      const { top, line } = layout([point('2026-11-21T10:00:00Z', rate * 300)])
      expect(top).toBeGreaterThanOrEqual(rate * 0.999999)
      expect(top).toBeLessThanOrEqual(Math.max(1, rate * 2.5001))
      expect(['1', '2', '5']).toContain(top.toExponential()[0])
      const y = Number(/^M\d+ ([\d.]+)H/.exec(line)?.[1])
      expect(y >= 0 && y <= height).toBe(true)
    }),
  )
})
