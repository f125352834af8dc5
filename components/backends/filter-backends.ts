import type { Backend } from '#lib/domain/farm.ts'
import type { FarmStatus } from '#lib/domain/status.ts'
import { statusWord } from '#components/status/status-label.tsx'

/** The backends that hold every word of the filter in name, address, admin state or status, such as "error". */
export function filterBackends(backends: readonly Backend[], status: FarmStatus | null, filter: string): readonly Backend[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return backends
  const statuses = new Map(status?.backends.map((one) => [one.name, one.status]))
  return backends.filter(({ name, address, adminState }) => {
    const text = [name, address, adminState, statusWord(statuses.get(name) ?? 'unmonitored')].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
