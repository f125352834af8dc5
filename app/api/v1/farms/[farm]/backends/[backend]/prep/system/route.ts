import { readBody } from '#lib/server/body.ts'
import { json } from '#lib/server/json-reply.ts'
import { chooseSystem, prepChoiceSchema } from '#lib/server/prep-choice.ts'
import { route } from '#lib/server/route.ts'

export const PUT = route<'farm' | 'backend'>(
  async ({ params, request, actor }) => json(await chooseSystem(params.farm, params.backend, await readBody(request, prepChoiceSchema), actor)),
  { scope: 'operate' },
)
