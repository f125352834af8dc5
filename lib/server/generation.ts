import type { Tx } from './db.ts'

/** The generation of the desired state: that of the newest revision, 0 before the first. */
export async function currentGeneration(tx: Tx): Promise<number> {
  const newest = await tx.revision.findFirst({ orderBy: { generation: 'desc' }, select: { generation: true } })
  return newest?.generation ?? 0
}
