import { deleteBackend, getBackend, patchBackend, putBackend } from '#lib/server/backends.ts'
import { readJson } from '#lib/server/body.ts'
import { jsonUnlessKnown } from '#lib/server/json-reply.ts'
import { changeRequest, route } from '#lib/server/route.ts'

type Part = 'farm' | 'backend'

export const GET = route<Part>(
  async ({ params, request }) => {
    const { backend, etag } = await getBackend(params.farm, params.backend)
    return jsonUnlessKnown(request.headers, backend, etag)
  },
  { scope: 'read' },
)

export const PUT = route<Part>(async (call) => putBackend(call.params.farm, call.params.backend, await readJson(call.request), changeRequest(call)), { scope: 'write' })

export const PATCH = route<Part>(async (call) => patchBackend(call.params.farm, call.params.backend, await readJson(call.request), changeRequest(call)), { scope: 'write' })

export const DELETE = route<Part>(async (call) => deleteBackend(call.params.farm, call.params.backend, changeRequest(call)), { scope: 'write' })
