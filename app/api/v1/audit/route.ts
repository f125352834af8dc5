import { listAudit } from '#lib/server/audit.ts'
import { json } from '#lib/server/json-reply.ts'
import { numberPageSchema, readQuery } from '#lib/server/page.ts'
import { route } from '#lib/server/route.ts'

export const GET = route(async ({ query }) => json(await listAudit(readQuery(query, numberPageSchema))), { scope: 'read' })
