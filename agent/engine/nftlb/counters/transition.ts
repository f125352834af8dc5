import type { Kept } from './kept.ts'
import { entriesOf, type Entry } from './place.ts'
import { chainOf, dropEntries, putCells, putChain, putEntries, setsOf } from './script.ts'

/**
 * What brings a farm from one form to the next, adding only: cells that are there stay as they are. `stale` are the ways that only
 * the old form needs; packets may take them until nftlb has the new one.
 */
export function transition(old: Kept | null, next: Kept): { lines: string[]; stale: Entry[] } {
  const { family } = next.place
  const [before, after] = [old ? entriesOf(old.farm) : [], entriesOf(next.farm)]
  const added = without(after, before)
  const gone = without(before, after)
  const inTheWay = overlapped(gone, added)
  const lines = [
    ...(old && chainText(old) === chainText(next) ? [] : putChain(family, chainOf(next.farm, next.number))),
    ...putNewCells(old, next),
    ...dropEntries(family, inTheWay),
    ...putEntries(family, next.farm, added),
  ]
  return { lines, stale: without(gone, inTheWay) }
}

/** Those of the first that are not among the others. */
export function without(entries: readonly Entry[], others: readonly Entry[]): Entry[] {
  const known = new Set(others.map(({ map, key }) => `${map} ${key}`))
  return entries.filter(({ map, key }) => !known.has(`${map} ${key}`))
}

export function putNewCells(old: Kept | null, next: Kept): string[] {
  const added = [...next.cells].filter(([id]) => !old?.cells.has(id)).map(([, cell]) => ({ ...cell, packets: 0, bytes: 0 }))
  return Object.values(setsOf(next.place)).flatMap((set) => putCells(next.place.family, set, added))
}

function chainText({ farm, number }: Kept): string {
  return chainOf(farm, number).rules.join()
}

/** Old ranges at an address and protocol that get new ones: the kernel takes no two that overlap. */
function overlapped(gone: readonly Entry[], added: readonly Entry[]): Entry[] {
  const start = ({ map, key }: Entry): string => `${map} ${key.slice(0, key.lastIndexOf(' . '))}`
  const starts = new Set(added.map(start))
  return gone.filter((entry) => entry.map.startsWith('ranges') && starts.has(start(entry)))
}
