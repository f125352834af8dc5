import { familyOf } from '#lib/domain/address.ts'

/** How a VIP is reached through one backend: out of which interface, from which own address, to which MAC. */
export type Way = { interface: string; source: string; mac: string; vip: string }

/** A way with its number, which is below 2^28: the upper 8 bits are those of its lane. */
export type NumberedWay = Way & { number: number; lane: number }

/** The ways from one own address out of one interface; they share their routes. */
export type Lane = { number: number; interface: string; source: string }

export type Ways = {
  /** Asks for a way; the same way may be asked for several times. */
  hold: (way: Way) => NumberedWay
  release: (way: Way) => void
  /** What came and went since the last call. */
  changes: () => WayChanges
  /** Lets the next `changes` begin with nothing, as in a namespace that is empty. */
  renew: () => void
}

/** Ways that are there no more, new ones, and all lanes. */
export type WayChanges = { removed: readonly NumberedWay[]; added: readonly NumberedWay[]; lanes: readonly Lane[] }

const slotBits = 20
const slots = 2 ** slotBits
const lanesAtMost = 254

/**
 * Numbers ways. A number is used again as late as possible: the kernel remembers for a while which VIP a connection to it went to.
 */
export function openWays(): Ways {
  const ways = new Map<number, NumberedWay>()
  const lanes = new Map<number, Lane>()
  const laneOf = new Map<string, { lane: Lane; ways: number; last: number }>()
  const wayOf = new Map<string, { way: NumberedWay; holders: number }>()
  const added = new Map<number, NumberedWay>()
  const removed = new Map<number, NumberedWay>()
  let lastLane = 0

  function join(way: Way): { lane: Lane; ways: number; last: number } {
    const key = laneKey(way)
    const known = laneOf.get(key)
    if (known) return known
    lastLane = nextFree(lanes, lastLane, lanesAtMost, 0)
    const lane = { number: lastLane, interface: way.interface, source: way.source }
    const entry = { lane, ways: 0, last: 0 }
    lanes.set(lane.number, lane)
    laneOf.set(key, entry)
    return entry
  }

  return {
    hold: (way) => {
      const known = wayOf.get(wayKey(way))
      if (known) {
        known.holders++
        return known.way
      }
      const entry = join(way)
      const base = entry.lane.number << slotBits
      entry.last = nextFree(ways, entry.last, slots - 1, base)
      entry.ways++
      const numbered = { ...way, number: base + entry.last, lane: entry.lane.number }
      ways.set(numbered.number, numbered)
      added.set(numbered.number, numbered)
      wayOf.set(wayKey(way), { way: numbered, holders: 1 })
      return numbered
    },
    release: (way) => {
      const known = wayOf.get(wayKey(way))
      const entry = laneOf.get(laneKey(way))
      if (!known || !entry || --known.holders > 0) return
      wayOf.delete(wayKey(way))
      ways.delete(known.way.number)
      if (!added.delete(known.way.number)) removed.set(known.way.number, known.way)
      if (--entry.ways > 0) return
      laneOf.delete(laneKey(way))
      lanes.delete(entry.lane.number)
    },
    changes: () => {
      const changes = { removed: [...removed.values()], added: [...added.values()], lanes: [...lanes.values()] }
      removed.clear()
      added.clear()
      return changes
    },
    renew: () => {
      removed.clear()
      for (const [number, way] of ways) added.set(number, way)
    },
  }
}

/** The next number from 1 to `most` after `last`, in a circle, whose place above `base` is free. */
function nextFree(taken: ReadonlyMap<number, unknown>, last: number, most: number, base: number): number {
  for (let step = 1; step <= most; step++) {
    const number = ((last + step - 1) % most) + 1
    if (!taken.has(base + number)) return number
  }
  throw new Error('There are more probes through VIPs than numbers for them.')
}

/**
 * The address that stands for a way inside the namespace: 240.0.0.0/4 is reserved (RFC 1112, 4) and 100::/64 leads nowhere
 * (RFC 6666), so none of them is ever a VIP.
 */
export function standIn(way: Pick<NumberedWay, 'number' | 'source'>): string {
  const high = way.number >>> 16
  const low = way.number & 0xffff
  if (familyOf(way.source) === 'ipv6') return `100::${high.toString(16)}:${low.toString(16)}`
  return [240 + (high >>> 8), high & 0xff, low >>> 8, low & 0xff].join('.')
}

/** The stand-ins of a lane, as a network. */
export function laneNetwork(lane: Lane): string {
  const first = standIn({ number: lane.number << slotBits, source: lane.source })
  return `${first}/${familyOf(lane.source) === 'ipv6' ? 128 - slotBits : 32 - slotBits}`
}

/** A lane's bits in the mark of its packets, as value and mask. */
export function laneMark(lane: Lane): string {
  return `0x${((lane.number << slotBits) >>> 0).toString(16)}/0x${(0xff << slotBits).toString(16)}`
}

function wayKey({ interface: iface, source, mac, vip }: Way): string {
  return `${iface} ${source} ${mac} ${vip}`
}

function laneKey({ interface: iface, source }: Way): string {
  return `${iface} ${source}`
}
