import { readQuery } from '#lib/server/page.ts'
import { prepareBackend, prepQuerySchema, prepReply } from '#lib/server/prep.ts'
import { route } from '#lib/server/route.ts'

export const GET = route<'farm' | 'backend'>(
  async ({ params, query, request }) => {
    const { system } = readQuery(query, prepQuerySchema)
    return prepReply(await prepareBackend(params.farm, params.backend, system), request.headers.get('accept'))
  },
  { scope: 'read' },
)
