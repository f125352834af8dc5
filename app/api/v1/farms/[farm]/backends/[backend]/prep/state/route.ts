import { json } from '#lib/server/json-reply.ts'
import { prepState } from '#lib/server/prep-state.ts'
import { route } from '#lib/server/route.ts'

export const GET = route<'farm' | 'backend'>(async ({ params }) => json(await prepState(params.farm, params.backend)), { scope: 'read' })
