import type { Question } from '../messages.ts'
import { turnWheel } from './wheel.ts'

export type Schedule = {
  set: (questions: readonly Question[]) => void
  drop: (keys: readonly number[]) => void
  /** Probes that could not begin in time since the last call. */
  missed: () => number
}

/** A probe is late when it begins more than this share of its interval behind its time. */
const lateness = 0.1

/** Within this time everything is asked for the first time, in ms. */
const soonMs = 10_000

/**
 * Begins every question at its interval: at the moments of one clock that lie `phase` of it after its multiples, so that they do not come all at once. A
 * probe that still runs is not begun a second time; one that may run for its whole interval ends a moment after the next is due, which begins then.
 * `begin` calls `done` at its end and answers what cancels it.
 */
export function runSchedule(begin: (question: Question, done: () => void) => () => void): Schedule {
  const questions = new Map<number, Question>()
  const running = new Map<number, () => void>()
  const dueMeanwhile = new Map<number, number>()
  let missed = 0

  const wheel = turnWheel<number>((key, at) => {
    const question = questions.get(key)
    if (!question) return
    const interval = question.monitor.interval * 1000
    const late = performance.now() - at
    const skipped = Math.floor(late / interval)
    missed += skipped + (late > interval * lateness ? 1 : 0)
    wheel.set(key, at + (skipped + 1) * interval)
    if (running.has(key)) dueMeanwhile.set(key, at)
    else start(key, question)
  })

  function start(key: number, question: Question): void {
    let over = false
    const cancel = begin(question, () => {
      over = true
      running.delete(key)
      const late = performance.now() - (dueMeanwhile.get(key) ?? -Infinity)
      dueMeanwhile.delete(key)
      if (late <= question.monitor.interval * 1000 * lateness) start(key, question)
    })
    if (!over) running.set(key, cancel)
  }

  function forget(key: number): void {
    questions.delete(key)
    wheel.remove(key)
    running.get(key)?.()
    running.delete(key)
    dueMeanwhile.delete(key)
  }

  return {
    set: (list) => {
      for (const question of list) {
        forget(question.key)
        questions.set(question.key, question)
        wheel.set(question.key, firstTime(question, performance.now()))
      }
    },
    drop: (keys) => keys.forEach(forget),
    missed: () => {
      const count = missed
      missed = 0
      return count
    },
  }
}

/** The phase counts within the interval, or within a whole part of it when that is long. */
function firstTime({ phase, monitor }: Question, now: number): number {
  const interval = monitor.interval * 1000
  const part = interval / Math.ceil(interval / soonMs)
  return now + part - ((((now - phase * part) % part) + part) % part)
}
