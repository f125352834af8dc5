import { z } from 'zod'
import { addressSchema, type Farm } from '#lib/domain/farm.ts'
import type { Tx } from './db.ts'
import { fromRows } from './farm-rows.ts'

// As much of an unchecked farm as can be read; what is malformed has no rivals and is refused for itself.
const lenient = z
  .object({
    mode: z.string().optional().catch(undefined),
    vip: addressSchema.nullable().catch(null),
    backends: z.array(z.object({ address: addressSchema.nullable().catch(null) }).catch({ address: null })).catch([]),
  })
  .catch({ mode: undefined, vip: null, backends: [] })

/**
 * The farms that can be in the way of this one: those on its VIP, and for stateless DNAT those that share a backend. All
 * others are left in the database, so that the work does not grow with the number of farms.
 */
export async function rivalsOf(tx: Tx, name: string, input: unknown): Promise<Farm[]> {
  const { mode, vip, backends } = lenient.parse(input)
  const onVip = vip === null ? [] : await tx.farm.findMany({ where: { vip, name: { not: name } } })
  const addresses = mode === 'stateless-dnat' ? backends.flatMap(({ address }) => address ?? []) : []
  if (addresses.length === 0) return onVip.map((row) => fromRows(row, []))
  const shared = { address: { in: addresses } }
  const sharing = await tx.farm.findMany({ where: { mode, name: { not: name }, backends: { some: shared } }, include: { backends: { where: shared } } })
  const known = new Set(sharing.map((row) => row.name))
  return [...sharing.map(({ backends: rows, ...row }) => fromRows(row, rows)), ...onVip.filter((row) => !known.has(row.name)).map((row) => fromRows(row, []))]
}
