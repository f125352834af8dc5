import { json } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'
import { farmStatus } from '#lib/server/status.ts'

export const GET = route<'farm'>(async ({ params }) => json(await farmStatus(params.farm)), { scope: 'read' })
