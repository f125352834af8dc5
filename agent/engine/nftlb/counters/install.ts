import { entriesOf, places } from './place.ts'
import type { Listing } from './reading.ts'
import type { Kept } from './kept.ts'
import { chainOf, commentsOf, dropCells, dropChain, frame, hookOf, mapNames, putCells, putChain, putEntries, setsOf, table, type Cell, type Chain, type Family } from './script.ts'

/** Each set with the cells that must be in it. */
export function wantedCells(family: Family, farms: readonly Kept[]): Map<string, Map<string, Pick<Cell, 'number' | 'key' | 'owner'>>> {
  const wanted = new Map<string, Map<string, Pick<Cell, 'number' | 'key' | 'owner'>>>()
  for (const place of places.filter((one) => one.family === family)) {
    const cells = new Map(farms.filter((kept) => kept.place === place).flatMap((kept) => [...kept.cells]))
    Object.values(setsOf(place)).forEach((set) => wanted.set(set, cells))
  }
  return wanted
}

function chainsOf(farms: readonly Kept[]): { hooks: Chain[]; chains: Chain[] } {
  const hooks = new Map(farms.map(({ farm }) => hookOf(farm)).map((hook) => [hook.name, hook]))
  return { hooks: [...hooks.values()], chains: farms.map(({ farm, number }) => chainOf(farm, number)) }
}

/** True when the kernel has exactly what counts these farms; no table at all when there are none. */
export function isSound(family: Family, farms: readonly Kept[], listing: Listing | null): boolean {
  if (listing === null || farms.length === 0) return listing === null && farms.length === 0
  const { hooks, chains } = chainsOf(farms)
  const intact = [...hooks, ...chains].every((chain) => listing.chains.get(chain.name)?.join() === commentsOf(chain).join())
  const strays = [...listing.chains.keys()].filter((name) => name.startsWith('f_')).length - chains.length
  const counted = [...wantedCells(family, farms)].every(([set, cells]) => {
    const actual = listing.sets.get(set)
    return actual?.size === cells.size && [...cells].every(([id, { owner }]) => actual.get(id)?.owner === owner)
  })
  const entries = farms.flatMap(({ farm }) => entriesOf(farm).map(({ map, key }) => listing.maps.get(map)?.get(key) === farm.name))
  const held = mapNames.reduce((sum, map) => sum + (listing.maps.get(map)?.size ?? 0), 0)
  return intact && strays === 0 && counted && entries.every(Boolean) && held === entries.length
}

/**
 * One transaction that makes it so. Cells that are there stay and lose no packet; missing ones get what was last known of
 * them. A farm that does not count yet, or no more, costs the others nothing.
 */
export function installation(family: Family, farms: readonly Kept[], listing: Listing | null, lastKnown: (set: string, id: string) => Cell | undefined): string[] {
  const { hooks, chains } = chainsOf(farms)
  const names = new Set([...hooks, ...chains].map(({ name }) => name))
  const strays = [...(listing?.chains.keys() ?? [])].filter((name) => !names.has(name))
  const cells = [...wantedCells(family, farms)].flatMap(([set, wanted]) => {
    const actual = listing?.sets.get(set) ?? new Map<string, Cell>()
    const others = [...actual].filter(([id, cell]) => wanted.get(id)?.owner !== cell.owner).map(([, cell]) => cell)
    const missing = [...wanted].filter(([id, { owner }]) => actual.get(id)?.owner !== owner)
    const filled = missing.map(([id, cell]) => ({ packets: 0, bytes: 0, ...lastKnown(set, id), ...cell }))
    return [...dropCells(family, set, others), ...putCells(family, set, filled)]
  })
  return [
    ...frame(family),
    ...mapNames.map((map) => `flush map ${family} ${table} ${map}`),
    ...strays.flatMap((name) => dropChain(family, name)),
    ...[...chains, ...hooks].flatMap((chain) => putChain(family, chain)),
    ...farms.flatMap(({ farm }) => putEntries(family, farm)),
    ...cells,
  ]
}

