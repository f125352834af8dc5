import type { Farm } from '#lib/domain/farm.ts'
import type { FarmStatus } from '#lib/domain/status.ts'
import { vipsText } from './words.ts'

export type FarmRow = { farm: Farm; status: FarmStatus | null }

/** Puts each farm beside its status. */
export function farmRows(farms: readonly Farm[], statuses: readonly FarmStatus[]): FarmRow[] {
  const byName = new Map(statuses.map((status) => [status.name, status]))
  return farms.map((farm) => ({ farm, status: byName.get(farm.name) ?? null }))
}

/** The rows that hold every word of the filter, in any field that the table shows or in a backend. */
export function filterRows(rows: readonly FarmRow[], filter: string): readonly FarmRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter((row) => {
    const text = searchText(row)
    return words.every((word) => text.includes(word))
  })
}

function searchText({ farm, status }: FarmRow): string {
  const backends = farm.backends.map((backend) => `${backend.name} ${backend.address}`)
  return [farm.name, vipsText(farm), farm.ports.join(' '), farm.protocol, farm.mode, farm.scheduler, farm.adminState, status?.status ?? '', ...backends].join(' ').toLowerCase()
}
