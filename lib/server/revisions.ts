import { z } from 'zod'
import { farmSchema } from '#lib/domain/farm.ts'
import { db } from './db.ts'
import { cutPage, type Page, type PageRequest } from './page.ts'

export const revisionSchema = z
  .strictObject({
    generation: z.int(),
    at: z.iso.datetime(),
    actor: z.string().describe('user:NAME or token:NAME'),
    comment: z.string().nullable(),
    changes: z.array(z.strictObject({ farm: z.string(), before: farmSchema.nullable(), after: farmSchema.nullable() })),
  })
  .meta({ id: 'Revision' })

export type Revision = z.output<typeof revisionSchema>

/** Saved generations as diffs, newest first. */
export async function listRevisions({ limit, cursor }: PageRequest<number>): Promise<Page<Revision>> {
  const where = cursor === null ? {} : { generation: { lt: cursor } }
  const rows = await db().revision.findMany({ where, orderBy: { generation: 'desc' }, take: limit + 1 })
  return cutPage(rows, limit, (row) => String(row.generation), ({ at, changes, ...row }) => revisionSchema.parse({ ...row, at: at.toISOString(), changes: JSON.parse(changes) }))
}
