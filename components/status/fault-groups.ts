import { byGravity, type Fault } from '#lib/domain/fault.ts'

/** Faults that are one line: the first of them, and all. */
export type FaultGroup = { first: Fault; faults: Fault[] }

/** So many backends of a farm with the same fault are one line. */
const many = 3

/** Faults, the worst first. Those that many backends of one farm have in common are a group, at the place of its first one. */
export function faultGroups(faults: readonly Fault[]): FaultGroup[] {
  const groups = new Map<string, FaultGroup>()
  const common = new Map<string, number>()
  for (const fault of faults) common.set(kindOf(fault), (common.get(kindOf(fault)) ?? 0) + 1)
  for (const fault of [...faults].sort(byGravity)) {
    const kind = kindOf(fault)
    const key = fault.backend !== null && (common.get(kind) ?? 0) >= many ? kind : `${kind} ${fault.backend ?? ''} ${fault.detail}`
    const group = groups.get(key)
    if (group) group.faults.push(fault)
    else groups.set(key, { first: fault, faults: [fault] })
  }
  return [...groups.values()].map(({ first, faults: list }) => ({ first, faults: list.sort((a, b) => (a.backend ?? '').localeCompare(b.backend ?? '', 'en', { numeric: true })) }))
}

function kindOf({ code, farm, backend }: Fault): string {
  return `${code} ${farm ?? ''} ${backend === null ? 'farm' : 'backends'}`
}

/** The first few backends of a group by name, and how many there are beside them. */
export function namesText({ faults }: FaultGroup): string {
  const names = faults.slice(0, 5).map(({ backend }) => backend)
  const more = faults.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}
