import { json } from '#lib/server/json-reply.ts'
import { wantsJson } from '#lib/server/prep.ts'
import { farmZip } from '#lib/server/prep-kit.ts'
import { farmPrepStates } from '#lib/server/prep-state.ts'
import { route } from '#lib/server/route.ts'

export const GET = route<'farm'>(
  async ({ params, request }) => (wantsJson(request.headers.get('accept')) ? json(await farmPrepStates(params.farm)) : farmZip(params.farm)),
  { scope: 'read' },
)
