import { json } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'
import { farmStats } from '#lib/server/stats.ts'

export const GET = route<'farm'>(async ({ params }) => json(await farmStats(params.farm)), { scope: 'read' })
