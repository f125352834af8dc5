import { count, getOnce } from './requests.ts'
import type { Report } from './protocol.ts'

export type Flow = { report: () => Report; stop: () => Promise<Report> }

/** Sends requests at a steady rate until it is stopped; slow answers do not slow it down. */
export function startFlow({ url, perSecond, timeoutMs }: { url: string; perSecond: number; timeoutMs: number }): Flow {
  let tally: Report = { answered: {}, failures: [], longestGapMs: 0 }
  let lastAnswer = performance.now()
  const open = new Set<Promise<void>>()

  const send = (): void => {
    const one: Promise<void> = getOnce(url, timeoutMs)
      .then(
        ({ backend }) => {
          count(tally, backend)
          noteGap()
          lastAnswer = performance.now()
        },
        (error: unknown) => void tally.failures.push(String(error)),
      )
      .finally(() => open.delete(one))
    open.add(one)
  }

  const noteGap = (): void => {
    tally.longestGapMs = Math.max(tally.longestGapMs, Math.round(performance.now() - lastAnswer))
  }

  const report = (): Report => {
    noteGap()
    const done = tally
    tally = { answered: {}, failures: [], longestGapMs: 0 }
    return done
  }

  const timer = setInterval(send, 1000 / perSecond)
  return {
    report,
    stop: async () => {
      clearInterval(timer)
      await Promise.all(open)
      return report()
    },
  }
}
