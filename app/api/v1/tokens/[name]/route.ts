import { route } from '#lib/server/route.ts'
import { deleteToken } from '#lib/server/tokens.ts'

export const DELETE = route<'name'>(
  async ({ params, actor }) => {
    await deleteToken(params.name, actor)
    return new Response(null, { status: 204 })
  },
  { scope: 'admin' },
)
