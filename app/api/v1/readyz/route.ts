import { readyz } from '#lib/server/health.ts'
import { openRoute } from '#lib/server/route.ts'

export const dynamic = 'force-dynamic'

export const GET = openRoute(() => readyz())
