import { json } from '#lib/server/json-reply.ts'
import { openapi } from '#lib/server/openapi.ts'
import { openRoute } from '#lib/server/route.ts'

export const dynamic = 'force-dynamic'

export const GET = openRoute(async () => json(openapi()))
