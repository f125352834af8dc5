import { readBody } from '#lib/server/body.ts'
import { openRoute } from '#lib/server/route.ts'
import { requireSameOrigin } from '#lib/server/same-origin.ts'
import { changePassword, passwordChangeSchema } from '#lib/server/session.ts'

export const PUT = openRoute(async ({ request }) => {
  requireSameOrigin(request.headers)
  return changePassword(request.headers, await readBody(request, passwordChangeSchema))
})
