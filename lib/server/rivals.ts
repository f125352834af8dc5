import { z } from 'zod'
import { addressSchema, farmSchema, maxAdditionalVips, maxBackends, modes, needsMac, type Farm } from '#lib/domain/farm.ts'
import type { Tx } from './db.ts'
import { fromRows } from './farm-rows.ts'

// As much of an unchecked farm as can be read; what is malformed or too long has no rivals and is refused for itself.
const lenient = z
  .object({
    mode: farmSchema.shape.mode.catch('snat'),
    vip: addressSchema.nullable().catch(null),
    additionalVips: z.array(addressSchema.nullable().catch(null)).max(maxAdditionalVips).catch([]),
    backends: z.array(z.object({ address: addressSchema.nullable().catch(null), mac: z.string().nullable().catch(null) }).catch({ address: null, mac: null })).max(maxBackends).catch([]),
  })
  .catch({ mode: 'snat', vip: null, additionalVips: [], backends: [] })

/**
 * The farms that can be in the way of this one: those on one of its VIPs, for stateless DNAT those that share a backend, and those
 * that give a MAC to an address that has one here. All others are left in the database, so that the work does not grow with
 * the number of farms.
 */
export async function rivalsOf(tx: Tx, name: string, input: unknown): Promise<Farm[]> {
  const { mode, vip, additionalVips, backends } = lenient.parse(input)
  const vips = [vip, ...additionalVips].flatMap((address) => address ?? [])
  // In two steps, because a filter over a relation would look at every farm.
  const holders = await tx.farmVip.findMany({ where: { address: { in: vips }, farmName: { not: name } } })
  const onVip = await tx.farm.findMany({ where: { name: { in: [...new Set(holders.map(({ farmName }) => farmName))] } } })
  const served = mode === 'stateless-dnat' ? backends.flatMap(({ address }) => address ?? []) : []
  const pinned = needsMac(mode) ? backends.flatMap(({ address, mac }) => (mac === null ? [] : address ?? [])) : []
  const addresses = [...served, ...pinned]
  if (addresses.length === 0) return onVip.map((row) => fromRows(row, []))
  const stateless = { mode, backends: { some: { address: { in: served } } } }
  const pinning = { mode: { in: modes.filter(needsMac) }, backends: { some: { address: { in: pinned }, mac: { not: null } } } }
  const sharing = await tx.farm.findMany({ where: { name: { not: name }, OR: [stateless, pinning] }, include: { backends: { where: { address: { in: addresses } } } } })
  const known = new Set(sharing.map((row) => row.name))
  return [...sharing.map(({ backends: rows, ...row }) => fromRows(row, rows)), ...onVip.filter((row) => !known.has(row.name)).map((row) => fromRows(row, []))]
}
