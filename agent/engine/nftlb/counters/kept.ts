import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { placeOf, places, restKey, targetsOf, type Place } from './place.ts'
import { cellId, type Listing } from './reading.ts'
import { setsOf, type Cell, type Family } from './script.ts'

/**
 * How a farm is counted now: the number under which its packets are, and all of its cells in the kernel by `number . key`.
 * Cells of other numbers are frozen: no rule leads to them, so they can be added up and moved without losing a packet.
 */
export type Kept = { farm: NftlbFarm; place: Place; number: number; cells: Map<string, Pick<Cell, 'number' | 'key' | 'owner'>> }

/** More frozen cells than this, and than twice the backends, are added up. */
const manySpare = 16

/**
 * The cells for a farm's new form; those that it has stay. A target that goes to another backend would mix the totals of
 * two, so the farm takes a new number then, and all it has counted so far is frozen.
 */
export function advance(old: Kept | null, farm: NftlbFarm, fresh: () => number): Kept {
  const place = placeOf(farm)
  const targets = targetsOf(farm)
  const moved = (key: string, backend: string): boolean => (old?.cells.get(cellId({ number: old.number, key }))?.owner ?? backend) !== backend
  const number = old && ![...targets].some(([key, backend]) => moved(key, backend)) ? old.number : fresh()
  const cells = new Map(old?.cells)
  for (const [key, owner] of [[restKey(place, 0), farm.name] as const, ...targets]) {
    const cell = { number, key, owner }
    if (!cells.has(cellId(cell))) cells.set(cellId(cell), cell)
  }
  return { farm, place, number, cells }
}

/** Takes a new number whatever the targets are. */
export function renumber(kept: Kept, fresh: () => number): Kept {
  const next = advance(null, kept.farm, fresh)
  return { ...next, cells: new Map([...kept.cells, ...next.cells]) }
}

/** What an earlier process of the agent left of these farms, and the highest number in use. */
export function takeOver(farms: readonly NftlbFarm[], listings: ReadonlyMap<Family, Listing | null>): { kept: Kept[]; highest: number } {
  const cellsOf = (place: Place): Cell[] => [...(listings.get(place.family)?.sets.get(setsOf(place).sent)?.values() ?? [])]
  const heads = new Map<string, number[]>()
  const cells = new Map<string, Cell[]>()
  let highest = 0
  for (const place of places) {
    for (const cell of cellsOf(place)) {
      highest = Math.max(highest, cell.number)
      push(cells, `${cell.number} ${place.digit}`, cell)
      if (cell.key === restKey(place, 0)) push(heads, `${cell.owner} ${place.digit}`, cell.number)
    }
  }
  const kept = farms.flatMap((farm): Kept[] => {
    const place = placeOf(farm)
    const own = heads.get(`${farm.name} ${place.digit}`) ?? []
    if (own.length === 0) return []
    // The rules of its chain say which of its numbers is in use.
    const labelled = Number.parseInt(listings.get(place.family)?.chains.get(farm.name)?.[0] ?? '', 10)
    const mine = own.flatMap((number) => cells.get(`${number} ${place.digit}`) ?? [])
    return [{ farm, place, number: own.includes(labelled) ? labelled : Math.max(...own), cells: new Map(mine.map(({ number, key, owner }) => [cellId({ number, key }), { number, key, owner }])) }]
  })
  return { kept, highest }
}

function push<T>(groups: Map<string, T[]>, name: string, one: T): void {
  const group = groups.get(name)
  if (group) group.push(one)
  else groups.set(name, [one])
}

/** True when so many cells belong to nobody any more that they should be added up. */
export function isCluttered({ farm, cells }: Kept): boolean {
  const spare = cells.size - farm.backends.length - 1
  return spare > Math.max(manySpare, 3 * farm.backends.length)
}

export function frozenCells({ number, cells }: Kept): Array<Pick<Cell, 'number' | 'key' | 'owner'>> {
  return [...cells.values()].filter((cell) => cell.number !== number)
}

/** One cell for each backend that the farm still has and one for all others, in place of the frozen ones. */
export function folded(kept: Kept, number: number, frozen: readonly Cell[]): Cell[] {
  const owners = [kept.farm.name, ...new Set(kept.farm.backends.map(({ name }) => name))]
  const ownerOf = (cell: Cell): string => (owners.includes(cell.owner) ? cell.owner : kept.farm.name)
  return owners.map((owner, index) => {
    const own = frozen.filter((cell) => ownerOf(cell) === owner)
    return { number, key: restKey(kept.place, index), owner, packets: sum(own, 'packets'), bytes: sum(own, 'bytes') }
  })
}

function sum(cells: readonly Cell[], field: 'packets' | 'bytes'): number {
  return cells.reduce((total, cell) => total + cell[field], 0)
}
