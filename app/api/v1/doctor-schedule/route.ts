import { readBody } from '#lib/server/body.ts'
import { doctorScheduleBodySchema, putSchedule, readSchedule } from '#lib/server/doctor-schedule.ts'
import { json } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'

export const GET = route(async () => json(await readSchedule()), { scope: 'read' })

export const PUT = route(async ({ request, actor }) => json(await putSchedule(await readBody(request, doctorScheduleBodySchema), actor)), { scope: 'write' })
