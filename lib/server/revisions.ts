import { revisionSchema, type Revision } from '#lib/domain/replies.ts'
import { db } from './db.ts'
import { cutPage, type Page, type PageRequest } from './page.ts'

/** Saved generations as diffs, newest first. */
export async function listRevisions({ limit, cursor }: PageRequest<number>): Promise<Page<Revision>> {
  const where = cursor === null ? {} : { generation: { lt: cursor } }
  const rows = await db().revision.findMany({ where, orderBy: { generation: 'desc' }, take: limit + 1 })
  return cutPage(rows, limit, (row) => String(row.generation), ({ at, changes, ...row }) => revisionSchema.parse({ ...row, at: at.toISOString(), changes: JSON.parse(changes) }))
}
