import { adminStateBodySchema, putAdminState } from '#lib/server/admin-state.ts'
import { getBackend } from '#lib/server/backends.ts'
import { readBody } from '#lib/server/body.ts'
import { jsonUnlessKnown } from '#lib/server/json-reply.ts'
import { changeRequest, route } from '#lib/server/route.ts'

type Part = 'farm' | 'backend'

export const GET = route<Part>(
  async ({ params, request }) => {
    const { backend, adminStateEtag } = await getBackend(params.farm, params.backend)
    return jsonUnlessKnown(request.headers, { adminState: backend.adminState }, adminStateEtag)
  },
  { scope: 'read' },
)

export const PUT = route<Part>(
  async (call) => putAdminState(call.params.farm, call.params.backend, await readBody(call.request, adminStateBodySchema), changeRequest(call)),
  { scope: 'operate' },
)
