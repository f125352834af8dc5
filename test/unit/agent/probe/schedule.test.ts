import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { phaseOf } from '#agent/probe/crew.ts'
import type { Question } from '#agent/probe/messages.ts'
import { runSchedule, type Schedule } from '#agent/probe/worker/schedule.ts'
import { stalledSince, watchStalls } from '#agent/probe/worker/stalls.ts'
import { turnWheel } from '#agent/probe/worker/wheel.ts'
import { question } from './asked.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** A process that does not get to run for this long, in ms: the clock goes on and no timer fires. */
function stall(ms: number): void {
  const now = performance.now() + ms
  vi.spyOn(performance, 'now').mockImplementation(() => now)
}

describe('the wheel', () => {
  it('calls for each item once, at its time or within 20 ms after it', () => {
    const called: Array<[string, number]> = []
    const wheel = turnWheel<string>((item) => called.push([item, performance.now()]))
    const start = performance.now()
    const delays = { soon: 1, later: 990, nextTurn: 10_990, hour: 3_600_000 }
    for (const [item, delay] of Object.entries(delays)) wheel.set(item, start + delay)
    vi.advanceTimersByTime(3_700_000)
    expect(called.map(([item]) => item)).toEqual(Object.keys(delays))
    for (const [item, at] of called) {
      const late = at - start - delays[item as keyof typeof delays]
      expect(late).toBeGreaterThanOrEqual(0)
      expect(late).toBeLessThanOrEqual(20)
    }
    wheel.stop()
  })

  it('calls for what is set again at its new time, and not for what was removed', () => {
    const called: string[] = []
    const wheel = turnWheel<string>((item) => called.push(`${item} ${Math.round(performance.now() - start)}`))
    const start = performance.now()
    wheel.set('moved', start + 100)
    wheel.set('moved', start + 200)
    wheel.set('removed', start + 100)
    wheel.remove('removed')
    vi.advanceTimersByTime(1000)
    expect(called).toHaveLength(1)
    expect(called[0]).toMatch(/^moved 2[012]\d$/)
    wheel.stop()
  })

  it('does nothing until the next item is due', () => {
    const clock = vi.spyOn(performance, 'now')
    const wheel = turnWheel<string>(() => undefined)
    wheel.set('late', performance.now() + 9000)
    wheel.set('soon', performance.now() + 3000)
    clock.mockClear()
    vi.advanceTimersByTime(2900)
    expect(clock).not.toHaveBeenCalled()
    wheel.stop()
  })

  it('runs no timer while it is empty', () => {
    const wheel = turnWheel<string>(() => undefined)
    expect(vi.getTimerCount()).toBe(0)
    wheel.set('x', performance.now() + 30)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(100)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('calls for everything that came due while the process stood still, once', () => {
    const called: number[] = []
    const wheel = turnWheel<number>((item) => called.push(item))
    for (let item = 0; item < 1000; item++) wheel.set(item, performance.now() + item * 50)
    stall(60_000)
    vi.advanceTimersByTime(20)
    expect(new Set(called).size).toBe(1000)
    expect(called).toHaveLength(1000)
  })
})

const each = (count: number, interval: number, phaseOf = (n: number): number => n / count): Question[] =>
  Array.from({ length: count }, (_, n) => ({ ...question({ type: 'tcp', interval }, 80), key: n, phase: phaseOf(n) }))

/** A schedule whose probes take `ms`, and what it began: key and time since the start. */
function recorded(ms: number): { schedule: Schedule; begun: Array<[number, number]>; cancelled: number[]; ended: number[] } {
  const start = performance.now()
  const begun: Array<[number, number]> = []
  const cancelled: number[] = []
  const ended: number[] = []
  const schedule = runSchedule(({ key }, done) => {
    begun.push([key, performance.now() - start])
    const timer = setTimeout(() => {
      ended.push(key)
      done()
    }, ms)
    return () => {
      clearTimeout(timer)
      cancelled.push(key)
    }
  })
  return { schedule, begun, cancelled, ended }
}

describe('the schedule', () => {
  it('begins each probe once per interval, spread over it by their phases', () => {
    const { schedule, begun } = recorded(5)
    schedule.set(each(1000, 1))
    vi.advanceTimersByTime(10_010)
    for (const key of [0, 1, 500, 999]) expect(begun.filter(([one]) => one === key).length).toBe(10)
    const perTick = begun.reduce((counts, [, at]) => counts.set(at, (counts.get(at) ?? 0) + 1), new Map<number, number>())
    expect(Math.max(...perTick.values())).toBeLessThanOrEqual(25)
    expect(schedule.missed()).toBe(0)
  })

  it('spreads the probes of a thousand farms that come at once', () => {
    const { schedule, begun } = recorded(5)
    const one = question({ type: 'tcp', interval: 2 }, 80)
    schedule.set(Array.from({ length: 1000 }, (_, n) => ({ ...one, key: n, phase: phaseOf(`farm-${n}/web1/vip/203.0.113.7`, one.monitor) })))
    vi.advanceTimersByTime(2020)
    expect(new Set(begun.map(([key]) => key)).size).toBe(1000)
    for (let from = 0; from < 2000; from += 100) expect(begun.filter(([, at]) => at >= from && at < from + 100).length).toBeLessThan(100)
  })

  it('asks soon for the first time, however long the interval is, and then at the interval', () => {
    const { schedule, begun } = recorded(5)
    schedule.set(each(10, 3600))
    vi.advanceTimersByTime(10_040)
    const first = [...begun]
    expect(first.map(([key]) => key).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    vi.advanceTimersByTime(3_600_000)
    expect(begun.slice(10).map(([key]) => key)).toEqual(first.map(([key]) => key))
    begun.slice(10).forEach(([, at], index) => expect(Math.abs(at - (first[index]?.[1] ?? 0) - 3_600_000)).toBeLessThanOrEqual(20))
  })

  it('begins those of one phase together, whenever they were set', () => {
    const { schedule, begun } = recorded(5)
    const [first, second] = each(2, 1, () => 0)
    if (first) schedule.set([first])
    vi.advanceTimersByTime(1700)
    if (second) schedule.set([second])
    vi.advanceTimersByTime(1000)
    const last = begun.slice(-2)
    expect(last.map(([key]) => key).sort()).toEqual([0, 1])
    expect(last[0]?.[1]).toBe(last[1]?.[1])
  })

  it('does not begin a probe that still runs a second time, which is no fault of its own', () => {
    const { schedule, begun } = recorded(1500)
    schedule.set(each(1, 1))
    vi.advanceTimersByTime(10_000)
    expect(begun.length).toBe(5)
    expect(schedule.missed()).toBe(0)
  })

  it('cancels what is dropped and what is set anew', () => {
    const { schedule, begun, cancelled, ended } = recorded(500)
    schedule.set(each(2, 1, () => 0.5))
    while (begun.length === 0) vi.advanceTimersByTime(20)
    expect(begun.length).toBe(2)
    schedule.drop([0])
    schedule.set(each(2, 1, () => 0.5).slice(1))
    expect(cancelled.sort()).toEqual([0, 1])
    vi.advanceTimersByTime(900)
    expect(ended).toEqual([])
  })

  it('counts what began late or was left out, and goes on at the old moments', () => {
    const { schedule, begun } = recorded(5)
    schedule.set(each(10, 1))
    vi.advanceTimersByTime(2000)
    expect(schedule.missed()).toBe(0)
    const before = begun.length
    stall(3500)
    vi.advanceTimersByTime(100)
    // Each of the ten was due three or four times.
    expect(begun.length - before).toBe(10)
    expect(schedule.missed()).toBeGreaterThanOrEqual(30)
    expect(schedule.missed()).toBe(0)
  })
})

describe('a process that does not get to run', () => {
  it('knows for how long, and forgets short pauses', () => {
    const unwatch = watchStalls()
    const start = performance.now()
    vi.advanceTimersByTime(1000)
    expect(stalledSince(start)).toBe(0)
    stall(500)
    vi.advanceTimersByTime(20)
    expect(stalledSince(start)).toBeGreaterThanOrEqual(480)
    expect(stalledSince(start)).toBeLessThanOrEqual(520)
    expect(stalledSince(performance.now())).toBe(0)
    unwatch()
    expect(vi.getTimerCount()).toBe(0)
  })
})
