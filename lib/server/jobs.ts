import { schedule } from 'node-cron'
import { db } from './db.ts'
import { forgetOldRuns } from './doctor-runs.ts'
import { collectEvents, forgetOldEvents } from './events.ts'
import { currentGeneration } from './generation.ts'
import { log } from './log.ts'
import { forgetOldPreparation } from './prep-machines.ts'
import { deliver, isSending, lastContact, refresh } from './sender.ts'
import { forgetOldFailures } from './sign-in-limit.ts'
import { singleton } from './singleton.ts'
import { sampleTraffic } from './traffic.ts'
import { forgetOldTraffic } from './traffic-hours.ts'

type Rounds = { failures: number; nextAt: number }

/** Milliseconds between two looks at an agent that has everything, and the longest pause between two tries at one that has not. */
const calm = 3000
const longestPause = 5000

/** Starts the scheduled jobs, once per process. */
export function startJobs(): void {
  singleton('jobs', () => [
    schedule('* * * * * *', () => resendRound().catch(report('re-send')), { name: 're-send', noOverlap: true, suppressMissedWarning: true }),
    schedule('*/5 * * * * *', () => sampleTraffic().catch(report('sample traffic')), { name: 'sample-traffic', noOverlap: true, suppressMissedWarning: true }),
    schedule('* * * * * *', () => collectEvents().catch(report('collect events')), { name: 'collect-events', noOverlap: true, suppressMissedWarning: true }),
    schedule('17 * * * *', () => forgetOldFailures().catch(report('forget old failures')), { name: 'forget-old-failures', noOverlap: true }),
    schedule('23 * * * *', () => forgetOldTraffic().catch(report('forget old traffic')), { name: 'forget-old-traffic', noOverlap: true }),
    schedule('29 * * * *', () => forgetOldEvents().catch(report('forget old events')), { name: 'forget-old-events', noOverlap: true }),
    schedule('37 * * * *', () => forgetOldRuns().catch(report('forget old runs')), { name: 'forget-old-runs', noOverlap: true }),
    schedule('41 * * * *', () => forgetOldPreparation().catch(report('forget old preparation')), { name: 'forget-old-preparation', noOverlap: true }),
  ])
}

/** Looks whether the agent has the present generation and sends it the whole document when it has not, with growing pauses. */
export async function resendRound(): Promise<void> {
  const rounds = singleton<Rounds>('resend-rounds', () => ({ failures: 0, nextAt: 0 }))
  if (isSending() || performance.now() < rounds.nextAt) return
  const done = await resend()
  rounds.failures = done ? 0 : rounds.failures + 1
  rounds.nextAt = performance.now() + (done ? calm : Math.min(500 * 2 ** rounds.failures, longestPause))
}

/** One look, and one sending when it is needed. Answers true when nothing more is to be done now. */
export async function resend(): Promise<boolean> {
  const { report: seen, failure } = await refresh()
  if (failure || !seen) return false
  const wanted = await currentGeneration(db())
  // A change that came meanwhile is on its way by itself.
  if (isSending()) return true
  if (seen.generation !== wanted) await deliver('whole')
  return lastContact().report?.appliedGeneration === wanted
}

function report(job: string): (error: unknown) => void {
  return (error) => log().error({ err: error, job }, 'a scheduled job failed')
}
