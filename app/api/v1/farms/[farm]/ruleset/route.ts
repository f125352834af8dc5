import { json } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'
import { farmRuleset } from '#lib/server/status.ts'

export const GET = route<'farm'>(async ({ params }) => json(await farmRuleset(params.farm)), { scope: 'read' })
