import { listFarmEvents } from '#lib/server/events.ts'
import { json } from '#lib/server/json-reply.ts'
import { farmEventPageSchema, readQuery } from '#lib/server/page.ts'
import { route } from '#lib/server/route.ts'

export const GET = route<'farm'>(async ({ params, query }) => json(await listFarmEvents(params.farm, readQuery(query, farmEventPageSchema))), { scope: 'read' })
