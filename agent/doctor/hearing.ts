import { parseAddress, parseMac } from '#lib/domain/address.ts'
import { field } from '../engine/nft.ts'
import { memorySeconds } from './rules.ts'

/** Somebody's words: `address` is in whose name they were, `at` when they were heard last, in ms of a clock that never jumps, a second too early at most. */
export type Word = { address: string; mac: string; at: number }

/** What the table has: its chains, the members of the sets that the agent fills, and what was heard. */
export type Hearing = {
  chains: ReadonlySet<string>
  sets: ReadonlyMap<string, readonly string[]>
  answers: Word[]
  asks: Word[]
  /** MAC address → when its reply to an echo from another network came. */
  returned: ReadonlyMap<string, number>
  /** MAC address → packets. */
  strays: ReadonlyMap<string, number>
}

/** Reads what `nft -j list table` prints; `now` in ms of performance.now(). Null when there is no table. */
export function parseHearing(text: string | null, now: number): Hearing | null {
  if (text === null || text === '') return null
  const objects: unknown = field(JSON.parse(text), 'nftables')
  const list: unknown[] = Array.isArray(objects) ? objects : []
  const sets = new Map(list.flatMap((one) => (field(one, 'set') === undefined ? [] : [[String(field(field(one, 'set'), 'name')), elementsOf(field(one, 'set'))] as const])))
  const heard = (name: string): unknown[] => sets.get(name) ?? []
  const at = (element: unknown): number => now - (memorySeconds - Number(field(field(element, 'elem'), 'expires') ?? 0)) * 1000
  const words = (name: string): Word[] =>
    heard(name).flatMap((element) => {
      const parts = field(valueOf(element), 'concat')
      const [address, mac] = Array.isArray(parts) ? [addressOf(parts[0]), parseMac(String(parts[1]))] : [null, null]
      return address && mac ? [{ address, mac, at: at(element) }] : []
    })
  const byMac = <T>(name: string, value: (element: unknown) => T): Map<string, T> => new Map(heard(name).map((element) => [String(valueOf(element)), value(element)]))
  return {
    chains: new Set(list.flatMap((one) => (field(one, 'chain') === undefined ? [] : [String(field(field(one, 'chain'), 'name'))]))),
    sets: new Map([...sets].map(([name, elements]) => [name, elements.flatMap((element) => addressOf(valueOf(element)) ?? [])])),
    answers: [...words('answers4'), ...words('answers6')],
    asks: [...words('asks4'), ...words('asks6')],
    returned: byMac('returned', at),
    strays: byMac('strays', (element) => Number(field(field(field(element, 'elem'), 'counter'), 'packets') ?? 0)),
  }
}

function elementsOf(set: unknown): unknown[] {
  const elements = field(set, 'elem')
  return Array.isArray(elements) ? elements : []
}

/** nft puts an element with anything beside its value into an object. */
function valueOf(element: unknown): unknown {
  return field(field(element, 'elem'), 'val') ?? element
}

/** An address, also one that nft takes for a number. */
function addressOf(value: unknown): string | null {
  const text = String(value)
  const raw = /^0x([0-9a-f]{1,32})$/.exec(text)?.[1]
  const parsed = parseAddress(raw ? (raw.padStart(32, '0').match(/.{4}/g) ?? []).join(':') : text)
  return 'address' in parsed ? parsed.address : null
}
