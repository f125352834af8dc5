import { vipsOf, type Farm } from '#lib/domain/farm.ts'
import type { Tx } from './db.ts'
import { backendColumns, farmColumns, type StoredFarm } from './farm-rows.ts'

/** Writes a farm over what is stored, or removes it (`after` null). Only the rows that differ are touched. */
export async function writeFarm(tx: Tx, stored: StoredFarm | null, after: Farm | null, generation: number): Promise<void> {
  if (!after) {
    if (stored) await tx.farm.delete({ where: { name: stored.farm.name } })
    return
  }
  const columns = farmColumns(after, generation)
  if (!stored) {
    await tx.farm.create({ data: columns })
    await tx.farmVip.createMany({ data: vipRows(after) })
    if (after.backends.length > 0) await tx.backend.createMany({ data: after.backends.map((backend) => backendColumns(after.name, backend, generation)) })
    return
  }
  await tx.farm.update({ where: { name: after.name }, data: columns })
  await writeVips(tx, stored.farm, after)
  await writeBackends(tx, stored, after, generation)
}

function vipRows(farm: Farm): Array<{ farmName: string; address: string }> {
  return vipsOf(farm).map((address) => ({ farmName: farm.name, address }))
}

async function writeVips(tx: Tx, before: Farm, after: Farm): Promise<void> {
  if (JSON.stringify(vipsOf(before)) === JSON.stringify(vipsOf(after))) return
  await tx.farmVip.deleteMany({ where: { farmName: after.name } })
  await tx.farmVip.createMany({ data: vipRows(after) })
}

async function writeBackends(tx: Tx, { farm: before, adminStateGenerations }: StoredFarm, after: Farm, generation: number): Promise<void> {
  const old = new Map(before.backends.map((backend) => [backend.name, backend]))
  const changed = after.backends.filter((backend) => JSON.stringify(old.get(backend.name)) !== JSON.stringify(backend))
  const kept = new Set(after.backends.map((backend) => backend.name))
  const gone = [...before.backends.filter((backend) => !kept.has(backend.name)), ...changed.filter((backend) => old.has(backend.name))].map((backend) => backend.name)
  if (gone.length > 0) await tx.backend.deleteMany({ where: { farmName: after.name, name: { in: gone } } })
  if (changed.length === 0) return
  await tx.backend.createMany({
    data: changed.map((backend) => {
      const sameState = old.get(backend.name)?.adminState === backend.adminState
      return backendColumns(after.name, backend, (sameState ? adminStateGenerations.get(backend.name) : undefined) ?? generation)
    }),
  })
}
