import { readBody } from '#lib/server/body.ts'
import { json } from '#lib/server/json-reply.ts'
import { createLink, prepLinkRequestSchema } from '#lib/server/prep-link.ts'
import { route } from '#lib/server/route.ts'

export const POST = route<'farm' | 'backend'>(
  async ({ params, request, actor }) => json(await createLink(params.farm, params.backend, await readBody(request, prepLinkRequestSchema), actor), { status: 201 }),
  { scope: 'operate' },
)
