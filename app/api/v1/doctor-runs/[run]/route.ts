import { reportQuerySchema, runReport } from '#lib/server/doctor-report.ts'
import { readQuery } from '#lib/server/page.ts'
import { route } from '#lib/server/route.ts'

export const GET = route<'run'>(async ({ params, query }) => runReport(params.run, readQuery(query, reportQuerySchema).download === 'true'), { scope: 'read' })
