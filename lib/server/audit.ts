import { auditEntrySchema, type AuditEntry } from '#lib/domain/replies.ts'
import type { Actor } from './actor.ts'
import { db, type Tx } from './db.ts'
import { cutPage, type Page, type PageRequest } from './page.ts'

export type AuditRecord = { action: string; target: string; generation: number | null; before: unknown; after: unknown }

/** Writes an audit entry in the transaction of the change itself: without the entry there is no change. */
export async function recordAudit(tx: Tx, actor: Pick<Actor, 'name'>, { action, target, generation, before, after }: AuditRecord): Promise<void> {
  await tx.audit.create({ data: { at: new Date(), actor: actor.name, action, target, generation, before: JSON.stringify(before), after: JSON.stringify(after) } })
}

/** Audit entries, newest first. */
export async function listAudit({ limit, cursor }: PageRequest<number>): Promise<Page<AuditEntry>> {
  const rows = await db().audit.findMany({ where: cursor === null ? {} : { id: { lt: cursor } }, orderBy: { id: 'desc' }, take: limit + 1 })
  return cutPage(rows, limit, (row) => String(row.id), ({ at, before, after, ...row }) => auditEntrySchema.parse({ ...row, at: at.toISOString(), before: parseText(before), after: parseText(after) }))
}

function parseText(text: string | null): unknown {
  return text === null ? null : JSON.parse(text)
}
