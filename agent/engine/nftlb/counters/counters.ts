import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import type { Log } from '../../../log.ts'
import type { EngineCounters } from '../../engine.ts'
import { nft } from '../../nft.ts'
import { installation, isSound } from './install.ts'
import { advance, folded, frozenCells, isCluttered, renumber, takeOver, type Kept } from './kept.ts'
import { entriesOf, placeOf, places, targetsOf, type Entry } from './place.ts'
import { cellId, readCells, readTable, type Listing } from './reading.ts'
import { chainOf, dropCells, dropChain, dropEntries, frame, hookOf, putCells, putChain, setsOf, table, type Cell, type Family } from './script.ts'
import { totals } from './totals.ts'
import { putNewCells, transition, without } from './transition.ts'

const families: readonly Family[] = ['netdev', 'inet']

/** nftlb's rules count nothing. Only `read` throws: a farm that cannot be counted works all the same. */
export type Counting = {
  /** Counts exactly these farms from now on; what an earlier process counted goes on. */
  sync: (farms: readonly NftlbFarm[]) => Promise<void>
  /** Before nftlb gets a new or changed farm. */
  expect: (farm: NftlbFarm) => Promise<void>
  /** When no packet can take an old way any more: what only the old forms of farms needed goes. */
  settle: () => Promise<void>
  /** After nftlb has lost it. */
  leave: (name: string) => Promise<void>
  /** Looks at the tables and puts them right, with the last known totals. */
  check: () => Promise<void>
  /** Packets as the kernel passes them on: segments that the card or the kernel has joined count as one. */
  read: () => Promise<EngineCounters[]>
}

/**
 * Counters of the farms that nftlb serves, in tables of their own which nftlb never touches. A change of a farm is one small
 * transaction that reads nothing; elements that count are not touched by it.
 */
export function countPackets(folder: string, log: Log): Counting {
  const scriptPath = join(folder, 'counters.nft')
  const kept = new Map<string, Kept>()
  const stale = new Map<string, Entry[]>()
  const last = new Map<string, Map<string, Cell>>()
  const present = new Set<string>()
  let adopted = false
  let number = 0
  const fresh = (): number => ++number

  const inFamily = (family: Family): Kept[] => [...kept.values()].filter((one) => one.place.family === family)

  /** Keeps what was read as the last known totals, and those of cells that somebody has deleted. */
  function note(set: string, cells: ReadonlyMap<string, Cell>): void {
    const before = last.get(set)
    const now = new Map(cells)
    for (const one of kept.values()) {
      if (!Object.values(setsOf(one.place)).includes(set)) continue
      for (const id of one.cells.keys()) {
        const known = before?.get(id)
        if (known && !now.has(id)) now.set(id, known)
      }
    }
    last.set(set, now)
  }

  /** From a file, not from a pipe: an agent that is killed while it writes must not leave nft with half of a script. */
  async function run(lines: readonly string[]): Promise<void> {
    await writeFile(scriptPath, `${lines.join('\n')}\n`)
    if ((await nft(['-f', scriptPath])) === null) throw new Error('a part of the table is missing')
  }

  async function sync(farms: readonly NftlbFarm[]): Promise<void> {
    try {
      await put(farms)
    } catch (error) {
      log.warn({ error: String(error) }, 'the counters could not be put right; traffic is not affected')
    }
  }

  async function put(farms: readonly NftlbFarm[]): Promise<void> {
    const listings = new Map<Family, Listing | null>()
    await Promise.all(families.map(async (family) => listings.set(family, await readTable(family))))
    if (!adopted) {
      const found = takeOver(farms, listings)
      found.kept.forEach((one) => kept.set(one.farm.name, one))
      number = found.highest
      adopted = true
    }
    for (const listing of listings.values()) listing?.sets.forEach((cells, set) => note(set, cells))
    const next = farms.map((farm) => advance(samePlace(farm), farm, fresh))
    kept.clear()
    next.forEach((one) => kept.set(one.farm.name, one))
    for (const family of families) await putTable(family, listings.get(family) ?? null)
  }

  function samePlace(farm: NftlbFarm): Kept | null {
    const old = kept.get(farm.name)
    return old && old.place === placeOf(farm) ? old : null
  }

  async function putTable(family: Family, listing: Listing | null): Promise<void> {
    const own = inFamily(family)
    forget(family)
    own.forEach(({ farm }) => present.add(family).add(hookKey(family, farm)))
    if (isSound(family, own, listing)) return
    log.info({ family, farms: own.length }, 'the table of the counters is put in place')
    own.forEach(({ farm }) => stale.delete(farm.name))
    if (own.length === 0) return run([`delete table ${family} ${table}`])
    const known = (set: string, id: string): Cell | undefined => last.get(set)?.get(id)
    await run(installation(family, own, listing, known)).catch(async (error: unknown) => {
      log.warn({ error: String(error) }, 'the table of the counters is made anew')
      await run([`add table ${family} ${table}`, `delete table ${family} ${table}`, ...installation(family, own, null, known)])
    })
  }

  function forget(family: Family): void {
    for (const name of [...present]) if (name.startsWith(family)) present.delete(name)
  }

  /** Sends one transaction; when the kernel does not take it, something is not as it is remembered and all of it is looked at. */
  async function commit(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return
    await run(lines).catch(async (error: unknown) => {
      log.warn({ error: String(error) }, 'the counters are put right')
      await sync([...kept.values()].map(({ farm }) => farm))
    })
  }

  async function expect(farm: NftlbFarm): Promise<void> {
    if (!samePlace(farm)) await leave(farm.name)
    const old = samePlace(farm)
    const next = advance(old, farm, fresh)
    const { family } = next.place
    const { lines, stale: gone } = transition(old, next)
    const first = [...(present.has(family) ? [] : frame(family)), ...(present.has(hookKey(family, farm)) ? [] : putChain(family, hookOf(farm)))]
    present.add(family).add(hookKey(family, farm))
    kept.set(farm.name, next)
    stale.set(farm.name, without([...(stale.get(farm.name) ?? []), ...gone], entriesOf(farm)))
    await commit([...first, ...lines])
  }

  async function settle(): Promise<void> {
    const lines = [...stale].flatMap(([name, entries]) => {
      const one = kept.get(name)
      return one ? dropEntries(one.place.family, entries) : []
    })
    stale.clear()
    await commit(lines)
  }

  async function leave(name: string): Promise<void> {
    const old = kept.get(name)
    if (!old) return
    const { family } = old.place
    const entries = [...entriesOf(old.farm), ...(stale.get(name) ?? [])]
    kept.delete(name)
    stale.delete(name)
    const sets = Object.values(setsOf(old.place))
    sets.forEach((set) => [...old.cells.keys()].forEach((id) => last.get(set)?.delete(id)))
    const cells = [...old.cells.values()]
    if (![...kept.values()].some((one) => one.place.family === family)) {
      forget(family)
      return commit([`add table ${family} ${table}`, `delete table ${family} ${table}`])
    }
    await commit([...dropEntries(family, entries), ...dropChain(family, name), ...sets.flatMap((set) => dropCells(family, set, cells))])
  }

  async function check(): Promise<void> {
    await sync([...kept.values()].map(({ farm }) => farm))
    for (const one of [...kept.values()].filter(isCluttered)) await tidy(one)
  }

  /** First all that a farm has counted is frozen; at the next look, when no packet can be on its way to it, it is added up. */
  async function tidy(one: Kept): Promise<void> {
    const { family } = one.place
    const frozen = frozenCells(one)
    if (one.cells.size - frozen.length > targetsOf(one.farm).size + 1) {
      const next = renumber(one, fresh)
      kept.set(one.farm.name, next)
      return commit([...putChain(family, chainOf(one.farm, next.number)), ...putNewCells(one, next)])
    }
    const into = fresh()
    const lines = Object.values(setsOf(one.place)).flatMap((set) => {
      const sums = folded(one, into, frozen.flatMap((cell) => last.get(set)?.get(cellId(cell)) ?? []))
      sums.forEach((cell) => last.get(set)?.set(cellId(cell), cell))
      return [...dropCells(family, set, frozen), ...putCells(family, set, sums)]
    })
    const live = [...one.cells.values()].filter((cell) => cell.number === one.number)
    const rests = folded(one, into, [])
    kept.set(one.farm.name, { ...one, cells: new Map([...live, ...rests].map((cell) => [cellId(cell), cell])) })
    await commit(lines)
  }

  async function read(): Promise<EngineCounters[]> {
    const used = places.filter((place) => [...kept.values()].some((one) => one.place === place))
    await Promise.all(used.flatMap((place) => Object.values(setsOf(place)).map(async (set) => note(set, await readCells(place.family, set)))))
    return [...kept.values()].map((one) => totals(one, last))
  }

  return { sync, expect, settle, leave, check, read }
}

function hookKey(family: Family, farm: NftlbFarm): string {
  return `${family} ${hookOf(farm).name}`
}
