import { json } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'
import { systemStatus } from '#lib/server/status.ts'

export const GET = route(async () => json(await systemStatus()), { scope: 'read' })
