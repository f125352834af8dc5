import { json } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'
import { stats } from '#lib/server/stats.ts'

export const GET = route(async () => json(stats()), { scope: 'read' })
