import { z } from 'zod'
import type { Backend as BackendRow, Farm as FarmRow } from '#prisma/generated/client.ts'
import { backendSchema, farmSchema, type Backend, type Farm } from '#lib/domain/farm.ts'
import type { Tx } from './db.ts'

/** A farm as it is saved. The generations are those of the last change of the farm, and of each backend's admin state by name. */
export type StoredFarm = { farm: Farm; generation: number; adminStateGenerations: ReadonlyMap<string, number> }

const jsonText = z.string().transform((text): unknown => JSON.parse(text))
const optionalJson = jsonText.nullable()

/** Reads a farm out of its rows; anything that is not a farm throws. */
export function fromRows(row: FarmRow, backends: readonly BackendRow[]): Farm {
  const { sortKey: _sortKey, generation: _generation, ...columns } = row
  return farmSchema.parse({
    ...columns,
    additionalVips: jsonText.parse(row.additionalVips),
    ports: jsonText.parse(row.ports),
    hashInput: jsonText.parse(row.hashInput),
    persistence: jsonText.parse(row.persistence),
    monitor: optionalJson.parse(row.monitor),
    backends: backends.map(({ farmName: _farm, adminStateGeneration: _changed, monitor, ...backend }) => backendSchema.parse({ ...backend, monitor: optionalJson.parse(monitor) })),
  })
}

/** The columns of a farm's own row. */
export function farmColumns(farm: Farm, generation: number): FarmRow {
  const { backends: _backends, policies: _policies, monitor, additionalVips, ports, hashInput, persistence, ...plain } = farm
  const lists = { additionalVips: JSON.stringify(additionalVips), ports: JSON.stringify(ports), hashInput: JSON.stringify(hashInput), persistence: JSON.stringify(persistence) }
  return { ...plain, ...lists, monitor: textOf(monitor), sortKey: sortKeyOf(farm.name), generation }
}

/** The columns of a backend's row. */
export function backendColumns(farmName: string, backend: Backend, adminStateGeneration: number): BackendRow {
  return { farmName, ...backend, monitor: textOf(backend.monitor), adminStateGeneration }
}

function textOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

/** Sorts as text the way people count: web2 before web10. */
export function sortKeyOf(name: string): string {
  return name.replace(/\d+/g, (digits) => digits.padStart(20, '0')) + ` ${name}`
}

/** The farm of that name, or null. */
export async function loadFarm(tx: Tx, name: string): Promise<StoredFarm | null> {
  const row = await tx.farm.findUnique({ where: { name }, include: { backends: true } })
  if (!row) return null
  const { backends, ...columns } = row
  const adminStateGenerations = new Map(backends.map((backend) => [backend.name, backend.adminStateGeneration]))
  return { farm: fromRows(columns, backends), generation: row.generation, adminStateGenerations }
}
