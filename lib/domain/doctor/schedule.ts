import { z } from 'zod'

/** Schedules with a name; any other expression is the operator's own. */
export const doctorCrons = { hourly: '0 * * * *', nightly: '0 3 * * *' } as const

/** When the doctor examines everything by itself. */
export const doctorScheduleSchema = z
  .strictObject({
    cron: z.string().nullable().describe("Minute, hour, day of month, month, day of week, in the console's time zone; null: never."),
    next: z.iso.datetime().nullable().describe('When it runs next.'),
  })
  .meta({ id: 'DoctorSchedule' })

export type DoctorSchedule = z.output<typeof doctorScheduleSchema>
