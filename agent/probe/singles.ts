import type { Finding, Question } from './messages.ts'

/** Questions that are asked once, apart from the schedule. */
export type Singles = {
  ask: (question: Question) => Promise<Finding>
  /** As many of those that wait as may be asked now; from now on their time runs. */
  next: () => Question[]
  answer: (finding: Finding) => void
  /** Tells everybody that asks that it is not possible. */
  refuse: (reason: string) => void
  open: () => number
}

/** How many are under way at the same time, as thousands may be wanted in one moment; and what an answer may take beyond its timeout, in ms. */
const atMost = 256
const slackMs = 10_000

type Asker = { question: Question; timer: NodeJS.Timeout | null; answer: (finding: Finding) => void }

/** `ready` is called when others may be asked. */
export function openSingles(ready: () => void): Singles {
  const askers = new Map<number, Asker>()

  function answer(finding: Finding): void {
    const asker = askers.get(finding.key)
    if (!asker) return
    askers.delete(finding.key)
    clearTimeout(asker.timer ?? undefined)
    asker.answer(finding)
    ready()
  }

  function refuse(key: number, reason: string): void {
    answer({ key, at: Date.now(), ms: 0, reason: 'not-possible', detail: `The probe could not be sent: ${reason}`.slice(0, 500) })
  }

  return {
    ask: (question) => new Promise((resolve) => askers.set(question.key, { question, timer: null, answer: resolve })),
    next: () => {
      const waiting = [...askers.values()].filter(({ timer }) => timer === null)
      const next = waiting.slice(0, Math.max(0, atMost - askers.size + waiting.length))
      for (const asker of next) asker.timer = setTimeout(() => refuse(asker.question.key, 'it took too long.'), asker.question.monitor.timeout * 1000 + slackMs)
      return next.map(({ question }) => question)
    },
    answer,
    refuse: (reason) => {
      for (const key of [...askers.keys()]) refuse(key, reason)
    },
    open: () => askers.size,
  }
}
