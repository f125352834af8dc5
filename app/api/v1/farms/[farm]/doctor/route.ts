import { farmDoctor } from '#lib/server/doctor-farm.ts'
import { json } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'

export const GET = route<'farm'>(async ({ params }) => json(await farmDoctor(params.farm)), { scope: 'read' })
