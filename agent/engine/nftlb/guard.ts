import { families, nft, table } from './kernel.ts'

/** A copy of nftlb's tables that stands behind them while they are rebuilt. */
const guardTable = 'tangent-guard'

/**
 * Puts a copy of nftlb's tables behind the originals: the same hooks at a later priority. A rule that forwards is final, so
 * the copy only ever sees packets that the original missed: while nftlb wipes and rebuilds its tables, which it does at
 * every start and for some changes, no packet falls through. One transaction per family. An older guard is kept: it is there
 * because a rebuild did not finish, and the originals may be half built.
 */
export async function raiseGuard(): Promise<void> {
  await Promise.all(
    families.map(async (family) => {
      if ((await nft(['-t', 'list', 'table', family, guardTable])) !== null) return
      const original = await nft(['list', 'table', family, table])
      if (original !== null) await nft(['-f', '-'], behind(original))
    }),
  )
}

/** Removes the copy. */
export async function dropGuard(): Promise<void> {
  await Promise.all(families.map((family) => nft(['delete', 'table', family, guardTable])))
}

/** A listed table under the guard's name and with each hook a little later than the original. */
export function behind(listing: string): string {
  return listing
    .replace(/^table (\S+) nftlb \{/m, `table $1 ${guardTable} {`)
    .replace(/ priority (-?\d+); policy/g, (_, priority: string) => ` priority ${Number(priority) + 10}; policy`)
    .replace(/ priority (mangle|dstnat|srcnat); policy/g, ' priority $1 + 10; policy')
}
