import { hitless, type Impact } from '#lib/domain/plan.ts'
import type { NftlbBackend, NftlbFarm } from '#lib/render/nftlb.ts'

/**
 * What a reload of a farm's rules does to connections. SNAT and DNAT connections are tracked and stay; so do those that a
 * persistence table remembers. Elsewhere the scheduler decides for every packet, and what it decides differently moves.
 */
export function reloadImpact(before: NftlbFarm, after: NftlbFarm): Impact {
  const ejected = before.backends.filter((old) => old.state !== 'down' && (after.backends.find((one) => one.name === old.name)?.state ?? 'down') === 'down')
  const tracked = after.mode === 'snat' || after.mode === 'dnat'
  if (tracked || after.persistence !== 'none') {
    if (ejected.length === 0) return hitless
    const who = ejected.map((backend) => shown(backend.name)).join(', ')
    if (tracked) return { kind: 'hitless', share: null, text: `New connections avoid ${who}; open ones are tracked and stay.` }
    return { kind: 'flushes', share: null, text: `The connections of ${who} end: its persistence entries are deleted. Others stay.` }
  }
  const share = movedShare(before, after)
  if (share === 0) return hitless
  if (!after.backends.some((backend) => backend.state === 'up')) return { kind: 'interrupts', share: null, text: 'No backend is left for these connections; they break, and new clients are refused.' }
  const percent = Math.max(1, Math.round(share * 100))
  return { kind: 'remaps', share, text: `${percent} % of the flows move to another backend and their connections break: the scheduler hashes over the number of backends. Persistence on ${after.family === 'ipv6' ? 'srcip' : 'srcip and srcport'} would keep them.` }
}

/** The share of flows (0 to 1) that meet another backend after the change. */
export function movedShare(before: NftlbFarm, after: NftlbFarm): number {
  const [old, next] = [buckets(before), buckets(after)]
  const random = (farm: NftlbFarm): boolean => farm.scheduler !== 'symhash'
  const same = random(before) || random(after) || before.scheduler !== after.scheduler ? sameByChance(old, next) : sameByPosition(old, next)
  return Math.min(1, Math.max(0, 1 - same))
}

/**
 * symhash scales a 32-bit hash to the number of buckets (reciprocal_scale in the kernel's nft_hash.c), so bucket i of n
 * holds the hashes from i/n to (i+1)/n: the two divisions of that line are laid over each other.
 */
function sameByPosition(old: string[], next: string[]): number {
  if (old.length === 0 || next.length === 0) return old.length === next.length ? 1 : 0
  let [at, same, i, j] = [0, 0, 0, 0]
  while (i < old.length && j < next.length) {
    const end = Math.min((i + 1) / old.length, (j + 1) / next.length)
    if (old[i] === next[j]) same += end - at
    at = end
    if ((i + 1) / old.length <= end) i++
    if ((j + 1) / next.length <= end) j++
  }
  return same > 1 - 1e-9 ? 1 : same
}

/** `hash` gets a new random seed at every reload and the counters start anew: a flow stays only by chance. */
function sameByChance(old: string[], next: string[]): number {
  const shares = (list: string[]): Map<string, number> => list.reduce((map, name) => map.set(name, (map.get(name) ?? 0) + 1 / list.length), new Map<string, number>())
  const after = shares(next)
  return [...shares(old)].reduce((sum, [name, share]) => sum + share * (after.get(name) ?? 0), 0)
}

/** The scheduler's buckets in the kernel's order, one name for each unit of weight. */
function buckets(farm: NftlbFarm): string[] {
  return farm.backends.filter((backend) => backend.state === 'up').flatMap((backend) => Array.from({ length: Number(backend.weight) }, () => backend['ip-addr']))
}

/** A backend's name as people know it. */
export function shown(name: NftlbBackend['name'] | NftlbFarm['name']): string {
  return name.replace(/^[bf]_/, '').replaceAll('_', '-')
}
