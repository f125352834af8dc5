import { json } from '#lib/server/json-reply.ts'
import { scriptDownload } from '#lib/server/prep.ts'
import { linkedScript, reportByLink } from '#lib/server/prep-link.ts'
import { openRoute } from '#lib/server/route.ts'

export const GET = openRoute<'token'>(async ({ params }) => scriptDownload(await linkedScript(params.token)))

export const POST = openRoute<'token'>(async ({ params, request }) => json(await reportByLink(params.token, request)))
