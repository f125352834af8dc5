import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { nft } from '../nft.ts'
import { table, type NftFamily } from './kernel.ts'
import { readMap } from './sessions.ts'

const perCommand = 1000
const rounds = 5

/**
 * Deletes the persistence entries that lead to some backends, which must be out already. nftlb's own way lists them and
 * then deletes each; when one has expired in between, nft refuses, and nftlb answers that by rebuilding all of its tables.
 */
export async function dropSessions(farm: NftlbFarm, leadsThere: (to: string) => boolean): Promise<void> {
  const family: NftFamily = farm.mode === 'dsr' || farm.mode === 'stlsdnat' ? 'netdev' : farm.family === 'ipv6' ? 'ip6' : 'ip'
  const map = `persist-${farm.name}`
  for (let round = 0; round < rounds; round++) {
    const keys = (await readMap(family, map)).filter(({ to }) => leadsThere(to)).map(({ key }) => key)
    if (keys.length === 0) return
    for (let i = 0; i < keys.length; i += perCommand) await remove(family, map, keys.slice(i, i + perCommand))
  }
  throw new Error(`the persistence entries of ${farm.name} could not be deleted`)
}

/** nft deletes all of a list or nothing; a list with an entry that has expired meanwhile is halved until that one stands alone. */
async function remove(family: NftFamily, map: string, keys: readonly string[]): Promise<void> {
  const done = await nft(['-f', '-'], `delete element ${family} ${table} ${map} { ${keys.join(', ')} }\n`)
  if (done !== null || keys.length <= 1) return
  const half = Math.ceil(keys.length / 2)
  await remove(family, map, keys.slice(0, half))
  await remove(family, map, keys.slice(half))
}
