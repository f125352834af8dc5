import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { nft } from '../nft.ts'
import { families, guardTable, table } from './kernel.ts'
import { missingFrom, readSessions, restoreSessions, stillWanted } from './sessions.ts'

/**
 * Puts a copy of nftlb's tables in front of them: the same hooks at an earlier priority. A rule that forwards is final, so
 * while nftlb wipes and rebuilds its tables, which it does at every start and for some changes, the copy serves everybody and
 * its own persistence tables go on remembering clients. An older guard is kept: it is there because a rebuild did not finish.
 */
export async function raiseGuard(): Promise<void> {
  await Promise.all(
    families.map(async (family) => {
      if ((await nft(['-t', 'list', 'table', family, guardTable])) !== null) return
      const original = await nft(['list', 'table', family, table])
      if (original !== null) await nft(['-f', '-'], moved(original.replace(/^table (\S+) nftlb \{/m, `table $1 ${guardTable} {`), -10))
    }),
  )
}

/** Takes the guard behind nftlb's tables, in one transaction: they are not all that is wanted, but newer; it serves what they miss. */
export async function lowerGuard(): Promise<void> {
  await Promise.all(
    families.map(async (family) => {
      const listing = await nft(['list', 'table', family, guardTable])
      if (listing !== null) await nft(['-f', '-'], `delete table ${family} ${guardTable}\n${moved(listing, 20)}`)
    }),
  )
}

/** Gives nftlb's tables the clients that the guard remembered meanwhile and removes it. Answers how many tables could not take them. */
export async function dropGuard(farms: readonly NftlbFarm[]): Promise<number> {
  const [theirs, ours] = await Promise.all([readSessions(guardTable), readSessions(table)])
  const refused = await restoreSessions(missingFrom(ours, stillWanted(theirs, farms)))
  await Promise.all(families.map((family) => nft(['delete', 'table', family, guardTable])))
  return refused
}

const named: Record<string, number> = { mangle: -150, dstnat: -100, srcnat: 100 }

/** A listed table with each hook's priority (a number, or a name with an offset, as nft prints it) moved. */
export function moved(listing: string, by: number): string {
  return listing.replace(/ priority (?:(-?\d+)|(mangle|dstnat|srcnat)(?: ([+-]) (\d+))?); policy/g, (_, number?: string, name?: string, sign?: string, offset?: string) => {
    const base = number === undefined ? (named[name ?? ''] ?? 0) + Number(offset ?? 0) * (sign === '-' ? -1 : 1) : Number(number)
    return ` priority ${base + by}; policy`
  })
}
