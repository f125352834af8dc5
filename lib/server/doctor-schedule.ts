import { schedule, type ScheduledTask } from 'node-cron'
import type { z } from 'zod'
import { cronMistake, tidyCron } from '#lib/domain/doctor/cron.ts'
import { doctorScheduleSchema, type DoctorSchedule } from '#lib/domain/doctor/schedule.ts'
import type { Actor } from './actor.ts'
import { recordAudit } from './audit.ts'
import { db } from './db.ts'
import { startRun } from './doctor-runs.ts'
import { log } from './log.ts'
import { invalid, Refusal } from './refusal.ts'
import { singleton } from './singleton.ts'

/** What a GET answered may be sent back: `next` is not looked at. */
export const doctorScheduleBodySchema = doctorScheduleSchema.partial({ next: true }).meta({ id: 'DoctorScheduleRequest' })

type Planned = { task: ScheduledTask | null }

function planned(): Planned {
  return singleton<Planned>('doctor-schedule', () => ({ task: null }))
}

/** When everything is examined by itself. */
export async function readSchedule(): Promise<DoctorSchedule> {
  const row = await db().doctorSchedule.findUnique({ where: { id: 1 } })
  return { cron: row?.cron ?? null, next: planned().task?.getNextRun()?.toISOString() ?? null }
}

/** Sets when everything is examined by itself, from now on. What is set already makes no audit entry. */
export async function putSchedule(body: z.output<typeof doctorScheduleBodySchema>, actor: Actor): Promise<DoctorSchedule> {
  const cron = body.cron === null ? null : tidyCron(body.cron)
  const mistake = cron === null ? null : cronMistake(cron)
  if (mistake !== null) throw invalid([{ pointer: '/cron', code: 'cron-invalid', message: mistake, hint: '"0 3 * * *" is every night at three; null is never.' }])
  await db().$transaction(async (tx) => {
    const before = (await tx.doctorSchedule.findUnique({ where: { id: 1 } }))?.cron ?? null
    if (before === cron) return
    if (cron === null) await tx.doctorSchedule.delete({ where: { id: 1 } })
    else await tx.doctorSchedule.upsert({ where: { id: 1 }, create: { cron }, update: { cron } })
    await recordAudit(tx, actor, { action: 'doctor.schedule', target: '*', generation: null, before: { cron: before }, after: { cron } })
  })
  await planRuns()
  return readSchedule()
}

/** Lets the saved schedule begin, in place of the one before. */
export async function planRuns(): Promise<void> {
  const row = await db().doctorSchedule.findUnique({ where: { id: 1 } })
  const holder = planned()
  const before = holder.task
  holder.task = row && cronMistake(row.cron) === null ? schedule(row.cron, () => scheduledRun(), { name: 'doctor', noOverlap: true }) : null
  await before?.destroy()
}

/** Ends the schedule in this process; it stays saved. */
export async function endSchedule(): Promise<void> {
  await planned().task?.destroy()
}

/** Examines everything, unless that is under way. */
async function scheduledRun(): Promise<void> {
  try {
    await startRun({ farm: null, backend: null }, null)
  } catch (error) {
    if (error instanceof Refusal) log().info(`The doctor was not started: ${error.message}`)
    else log().error({ err: error, job: 'doctor' }, 'a scheduled job failed')
  }
}
