import type { ScheduledTask } from 'node-cron'
import { db } from './db.ts'
import { haltRuns } from './doctor-live.ts'
import { endSchedule } from './doctor-schedule.ts'
import { forgetSingletons, singleton } from './singleton.ts'

/** Closes what the console holds open, so that the process can end or start anew. */
export async function stop(): Promise<void> {
  for (const job of singleton<ScheduledTask[]>('jobs', () => [])) await job.destroy()
  await endSchedule()
  await haltRuns()
  singleton<{ destroy?: () => void }>('agent-connections', () => ({})).destroy?.()
  await db().$disconnect()
  forgetSingletons()
}
