import { hash32 } from '#lib/domain/hash.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { dispatchOf, type DispatchEntry } from './dispatch.ts'
import type { Kind } from './names.ts'

/** What of a farm's JSON decides how its rules look, apart from its backends. */
export type Shape = {
  name: string
  family: 4 | 6
  iface: string
  kind: Kind
  /** What the hash looks at: srcip, dstip, srcport, dstport. */
  tokens: string[]
  seed: number
  size: number
  /** Seconds that a slot stays in handover, and connections begun meanwhile that can be remembered. */
  period: number
  room: number
  dispatch: DispatchEntry[]
}

export function shapeOf(farm: NftlbFarm): Shape {
  return {
    name: farm.name,
    family: farm.family === 'ipv6' ? 6 : 4,
    iface: farm.iface ?? '',
    kind: farm.protocol,
    tokens: tokensOf(farm),
    seed: Number(farm.seed ?? 0) || hash32(farm.name) || 1,
    size: Number(farm.slots ?? 4093),
    period: Number(farm['handover-period'] ?? 3600),
    room: Number(farm['handover-size'] ?? 65536),
    dispatch: dispatchOf(farm),
  }
}

/** Farms of another scheduler can be served too: their hash input is that of the client's address and port. */
function tokensOf(farm: NftlbFarm): string[] {
  const known = ['srcip', 'dstip', 'srcport', 'dstport'].filter((token) => farm['sched-param'].split(' ').includes(token))
  return known.length > 0 ? known : ['srcip', 'srcport']
}

/** True when two shapes send the same packet to the same slot. */
export function hashesAlike(a: Shape, b: Shape): boolean {
  return a.size === b.size && a.seed === b.seed && a.family === b.family && a.tokens.join() === b.tokens.join()
}

/** True when the kernel can tell the first packet of a connection, so that slots can be handed over. */
export function tellsNew(kind: Kind): boolean {
  return kind !== 'udp'
}
