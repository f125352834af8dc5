import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openLooped, type Looped } from '#agent/probe/looped.ts'

const [vip, mac, other] = ['203.0.113.100', '02:00:00:00:00:01', '02:00:00:00:00:02']

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Notes that are the same at every reading, and how often they were read. */
function notes(list: () => readonly Looped[]): { hasLooped: ReturnType<typeof openLooped>; readings: () => number } {
  let readings = 0
  const hasLooped = openLooped(async () => {
    readings++
    return list()
  })
  return { hasLooped, readings: () => readings }
}

it('knows who sent a probe back since it began, and not who did so before or to another VIP', async () => {
  const began = performance.now()
  const { hasLooped } = notes(() => [{ vip, mac, at: began + 10 }])
  await vi.advanceTimersByTimeAsync(500)
  expect(await hasLooped(vip, mac, began)).toBe(true)
  expect(await hasLooped(vip, other, began)).toBe(false)
  expect(await hasLooped('203.0.113.101', mac, began)).toBe(false)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await hasLooped(vip, mac, performance.now() - 500)).toBe(false)
})

it('reads once a second at most, however many ask, and not at all for probes that a reading came after', async () => {
  const { hasLooped, readings } = notes(() => [{ vip, mac, at: performance.now() }])
  await vi.advanceTimersByTimeAsync(1000)
  await Promise.all(Array.from({ length: 1000 }, () => hasLooped(vip, mac, performance.now() - 500)))
  expect(readings()).toBe(1)
  await vi.advanceTimersByTimeAsync(300)
  expect(await hasLooped(vip, mac, performance.now() - 600)).toBe(true)
  expect(readings()).toBe(1)

  const answers = Promise.all(Array.from({ length: 1000 }, () => hasLooped(vip, mac, performance.now() - 100)))
  await vi.advanceTimersByTimeAsync(690)
  expect(readings()).toBe(1)
  await vi.advanceTimersByTimeAsync(10)
  expect(new Set(await answers)).toEqual(new Set([true]))
  expect(readings()).toBe(2)
})

it('takes what cannot be read for nothing, and reads again later', async () => {
  let broken = true
  const { hasLooped } = notes(() => {
    if (broken) throw new Error('nft is not installed')
    return [{ vip, mac, at: performance.now() }]
  })
  expect(await hasLooped(vip, mac, performance.now() - 500)).toBe(false)
  broken = false
  await vi.advanceTimersByTimeAsync(1000)
  expect(await hasLooped(vip, mac, performance.now() - 500)).toBe(true)
})
