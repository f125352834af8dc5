import { json } from '#lib/server/json-reply.ts'
import { numberPageSchema, readQuery } from '#lib/server/page.ts'
import { listRevisions } from '#lib/server/revisions.ts'
import { route } from '#lib/server/route.ts'

export const GET = route(async ({ query }) => json(await listRevisions(readQuery(query, numberPageSchema))), { scope: 'read' })
