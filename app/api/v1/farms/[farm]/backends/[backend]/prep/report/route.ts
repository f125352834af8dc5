import { json } from '#lib/server/json-reply.ts'
import { reportOnBackend } from '#lib/server/prep-report.ts'
import { route } from '#lib/server/route.ts'

export const POST = route<'farm' | 'backend'>(async ({ params, request, actor }) => json(await reportOnBackend(params.farm, params.backend, request, actor)), { scope: 'operate' })
