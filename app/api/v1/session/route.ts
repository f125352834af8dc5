import { readBody } from '#lib/server/body.ts'
import { json } from '#lib/server/json-reply.ts'
import { openRoute } from '#lib/server/route.ts'
import { requireSameOrigin } from '#lib/server/same-origin.ts'
import { describeSession, signIn, signInSchema, signOut } from '#lib/server/session.ts'

export const GET = openRoute(async ({ request }) => json(await describeSession(request.headers)))

export const POST = openRoute(async ({ request }) => {
  requireSameOrigin(request.headers, { evenWithout: true })
  return signIn(request, await readBody(request, signInSchema))
})

export const DELETE = openRoute(async ({ request }) => {
  requireSameOrigin(request.headers)
  return signOut(request.headers)
})
