import { listEvents } from '#lib/server/events.ts'
import { json } from '#lib/server/json-reply.ts'
import { numberPageSchema, readQuery } from '#lib/server/page.ts'
import { route } from '#lib/server/route.ts'

export const GET = route(async ({ query }) => json(await listEvents(readQuery(query, numberPageSchema))), { scope: 'read' })
