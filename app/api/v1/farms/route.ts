import { listFarms } from '#lib/server/farms.ts'
import { json } from '#lib/server/json-reply.ts'
import { namePageSchema, readQuery } from '#lib/server/page.ts'
import { route } from '#lib/server/route.ts'

export const GET = route(async ({ query }) => json(await listFarms(readQuery(query, namePageSchema))), { scope: 'read' })
