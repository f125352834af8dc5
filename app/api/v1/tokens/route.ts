import { readBody } from '#lib/server/body.ts'
import { json } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'
import { createToken, listTokens, tokenRequestSchema } from '#lib/server/tokens.ts'

export const GET = route(async () => json({ items: await listTokens() }), { scope: 'admin' })

export const POST = route(async ({ request, actor }) => json(await createToken(await readBody(request, tokenRequestSchema), actor), { status: 201 }), { scope: 'admin' })
