import type { AuditEntry } from '#lib/domain/replies.ts'
import type { Console } from './console.ts'

/** The audit entries about the preparation of machines, newest first. */
export async function prepAudit(it: Console): Promise<AuditEntry[]> {
  const { body } = await it.api('GET', '/api/v1/audit?limit=1000')
  return (body.items as unknown as AuditEntry[]).filter(({ action }) => action.startsWith('prep.'))
}
