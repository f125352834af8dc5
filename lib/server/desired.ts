import type { Desired, DesiredChange } from '#lib/domain/desired.ts'
import { db } from './db.ts'
import { fromRows } from './farm-rows.ts'
import { currentGeneration } from './generation.ts'

/** The whole desired document, of one moment. */
export async function loadDesired(): Promise<Desired> {
  const { rows, generation } = await db().$transaction(async (tx) => ({
    rows: await tx.farm.findMany({ include: { backends: true }, orderBy: { sortKey: 'asc' } }),
    generation: await currentGeneration(tx),
  }))
  return { generation, farms: rows.map(({ backends, ...row }) => fromRows(row, backends)) }
}

/** Two changes in a row as one; null when the second does not follow the first. */
export function joinChanges(first: DesiredChange, second: DesiredChange): DesiredChange | null {
  if (second.base !== first.generation) return null
  const touched = new Set([...second.put.map((farm) => farm.name), ...second.remove])
  return {
    base: first.base,
    generation: second.generation,
    put: [...first.put.filter((farm) => !touched.has(farm.name)), ...second.put],
    remove: [...first.remove.filter((name) => !touched.has(name)), ...second.remove],
  }
}
