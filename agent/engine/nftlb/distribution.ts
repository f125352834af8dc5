import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { field } from '../nft.ts'
import { type Rule } from './kernel.ts'

/** How many buckets of the scheduler lead to each backend. */
export type Distribution = Map<string, number>

/**
 * Reads from a farm's rules where the scheduler sends new clients: the buckets of its hash or counter, joined with what
 * the other maps add (the MAC address in stateless DNAT, the address behind a connection mark in SNAT and DNAT).
 */
export function distributionOf(mode: NftlbFarm['mode'], balance: readonly Rule[], target: readonly Rule[]): Distribution {
  const buckets = scheduled(balance)
  if (mode === 'dsr') return buckets
  const names = mode === 'stlsdnat' ? keyed(balance, 'ether') : marks(target)
  return new Map([...buckets].map(([to, weight]) => [mode === 'stlsdnat' ? `${to} ${names.get(to) ?? ''}` : (names.get(to) ?? to), weight]))
}

function scheduled(rules: readonly Rule[]): Distribution {
  const buckets: Distribution = new Map()
  for (const map of maps(rules)) {
    const key = map.key
    if (!['symhash', 'jhash', 'numgen'].some((kind) => field(key, kind) !== undefined)) continue
    for (const [bucket, to] of map.pairs) {
      const range = field(bucket, 'range')
      const size = Array.isArray(range) ? Number(range[1]) - Number(range[0]) + 1 : 1
      buckets.set(String(to), (buckets.get(String(to)) ?? 0) + size)
    }
  }
  return buckets.size > 0 ? buckets : new Map(lone(rules).map((to) => [to, 1]))
}

/** The mark of the only backend of a farm in SNAT or DNAT: nftlb sets it without a scheduler. */
function lone(rules: readonly Rule[]): string[] {
  const marked = rules.flat().map((statement) => field(statement, 'mangle')).filter((mangle) => field(field(field(mangle, 'key'), 'ct'), 'key') === 'mark')
  return marked.map((mangle) => field(mangle, 'value')).filter((value) => typeof value === 'number').map(String)
}

/** Address → MAC address, from the map that sets the Ethernet destination. */
function keyed(rules: readonly Rule[], protocol: string): Map<string, string> {
  const map = maps(rules).find(({ key, target }) => field(field(target, 'payload'), 'protocol') === protocol && field(key, 'payload') !== undefined)
  return new Map((map?.pairs ?? []).map(([from, to]) => [String(from), String(to)]))
}

/** Connection mark → address and port, from the dnat statement. */
function marks(rules: readonly Rule[]): Map<string, string> {
  const found = maps(rules).find(({ key }) => field(field(key, 'ct'), 'key') === 'mark')
  return new Map(
    (found?.pairs ?? []).map(([mark, to]) => {
      const parts = field(to, 'concat')
      return [String(mark), Array.isArray(parts) ? parts.join(' ') : String(to)]
    }),
  )
}

type InlineMap = { target: unknown; key: unknown; pairs: Array<[unknown, unknown]> }

/** Every anonymous map in the rules, with what its value is written to. */
function maps(rules: readonly Rule[]): InlineMap[] {
  return rules.flat().flatMap((statement) => {
    const mangle = field(statement, 'mangle')
    const map = field(field(mangle, 'value'), 'map') ?? field(field(field(statement, 'dnat'), 'addr'), 'map')
    const pairs = field(field(map, 'data'), 'set')
    return Array.isArray(pairs) ? [{ target: field(mangle, 'key'), key: field(map, 'key'), pairs: pairs as Array<[unknown, unknown]> }] : []
  })
}
