import { getFarm } from '#lib/server/farms.ts'
import { jsonUnlessKnown } from '#lib/server/json-reply.ts'
import { route } from '#lib/server/route.ts'

export const GET = route<'farm'>(
  async ({ params, request }) => {
    const { farm, etag } = await getFarm(params.farm)
    return jsonUnlessKnown(request.headers, { items: farm.backends }, etag)
  },
  { scope: 'read' },
)
