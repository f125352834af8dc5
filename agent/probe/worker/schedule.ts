import { createHash } from 'node:crypto'
import type { Finding, Question } from '../messages.ts'
import { askTcp } from './tcp.ts'
import type { Outcome } from './outcome.ts'
import { turnWheel } from './wheel.ts'

export type Schedule = {
  set: (questions: readonly Question[]) => void
  drop: (ids: readonly string[]) => void
  once: (question: Question) => Promise<Finding>
  /** Probes that could not begin in time since the last call. */
  missed: () => number
}

/** A probe is late when it begins more than this share of its interval behind its time. */
const lateness = 0.1

/** Asks every question at its interval, the first time after a part of it that its id decides, so that they do not come all at once. */
export function runSchedule(found: (finding: Finding) => void): Schedule {
  const questions = new Map<string, Question>()
  const running = new Map<string, () => void>()
  let missed = 0
  const wheel = turnWheel(begin)

  function begin(id: string, at: number): void {
    const question = questions.get(id)
    if (!question) return
    const interval = question.monitor.interval * 1000
    const late = performance.now() - at
    // What was skipped completely is missed as well.
    const skipped = Math.floor(late / interval)
    if (late > interval * lateness) missed += 1 + skipped
    wheel.set(id, at + (1 + skipped) * interval)
    if (running.has(id)) return
    const cancel = ask(question, (finding) => {
      running.delete(id)
      found(finding)
    })
    running.set(id, cancel)
  }

  function forget(id: string): void {
    questions.delete(id)
    wheel.remove(id)
    running.get(id)?.()
    running.delete(id)
  }

  return {
    set: (list) => {
      for (const question of list) {
        forget(question.id)
        questions.set(question.id, question)
        wheel.set(question.id, firstTime(question, performance.now()))
      }
    },
    drop: (ids) => ids.forEach(forget),
    once: (question) => new Promise((resolve) => ask(question, resolve)),
    missed: () => {
      const count = missed
      missed = 0
      return count
    },
  }
}

function firstTime({ id, monitor }: Question, now: number): number {
  return now + (createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32) * monitor.interval * 1000
}

/** Asks once; the answer is late after the monitor's timeout. What comes back cancels without an answer. */
function ask(question: Question, done: (finding: Finding) => void): () => void {
  const begun = performance.now()
  let cancel = (): void => undefined
  let over = false
  const end = ({ reason, detail }: Outcome): void => {
    if (over) return
    over = true
    clearTimeout(timer)
    cancel()
    done({ id: question.id, at: Date.now(), ms: Math.round((performance.now() - begun) * 10) / 10, reason, detail })
  }
  const timer = setTimeout(() => end({ reason: 'timeout', detail: `No answer within ${question.monitor.timeout} s.` }), question.monitor.timeout * 1000)
  cancel = askTcp(question, end)
  return () => {
    over = true
    clearTimeout(timer)
    cancel()
  }
}
