import { doctorScopeSchema } from '#lib/domain/doctor/run.ts'
import { readBody } from '#lib/server/body.ts'
import { listRuns, startRun } from '#lib/server/doctor-runs.ts'
import { json } from '#lib/server/json-reply.ts'
import { numberPageSchema, readQuery } from '#lib/server/page.ts'
import { route } from '#lib/server/route.ts'

export const GET = route(async ({ query }) => json(await listRuns(readQuery(query, numberPageSchema))), { scope: 'read' })

export const POST = route(async ({ request, actor }) => json(await startRun(await readBody(request, doctorScopeSchema), actor), { status: 202 }), { scope: 'operate' })
