import { readJson } from '#lib/server/body.ts'
import { deleteFarm, getFarm, patchFarm, putFarm } from '#lib/server/farms.ts'
import { jsonUnlessKnown } from '#lib/server/json-reply.ts'
import { changeRequest, route } from '#lib/server/route.ts'

export const GET = route<'farm'>(
  async ({ params, request }) => {
    const { farm, etag } = await getFarm(params.farm)
    return jsonUnlessKnown(request.headers, farm, etag)
  },
  { scope: 'read' },
)

export const PUT = route<'farm'>(async (call) => putFarm(call.params.farm, await readJson(call.request), changeRequest(call)), { scope: 'write' })

export const PATCH = route<'farm'>(async (call) => patchFarm(call.params.farm, await readJson(call.request), changeRequest(call)), { scope: 'write' })

export const DELETE = route<'farm'>(async (call) => deleteFarm(call.params.farm, changeRequest(call)), { scope: 'write' })
