import { interfacesNow } from '#lib/server/interfaces.ts'
import { json } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'

export const GET = route(async () => json({ items: await interfacesNow() }), { scope: 'read' })
