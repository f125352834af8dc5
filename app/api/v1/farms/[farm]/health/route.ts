import { farmHealth } from '#lib/server/farm-health.ts'
import { json } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'

export const GET = route<'farm'>(async ({ params }) => json(await farmHealth(params.farm)), { scope: 'read' })
