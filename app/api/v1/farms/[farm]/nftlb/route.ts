import { json } from '#lib/server/json-reply.ts'
import { farmAsNftlb } from '#lib/server/nftlb.ts'
import { route } from '#lib/server/route.ts'

export const GET = route<'farm'>(async ({ params }) => json(await farmAsNftlb(params.farm)), { scope: 'read' })
