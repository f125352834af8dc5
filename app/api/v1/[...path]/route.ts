import { Refusal } from '#lib/server/refusal.ts'
import { openRoute } from '#lib/server/route.ts'

const nothing = openRoute<never>(async ({ request }) => {
  throw new Refusal('not-found', `There is no ${new URL(request.url).pathname} here. GET /api/v1/openapi.json lists what there is.`)
})

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT }
