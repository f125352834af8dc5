import { createHash } from 'node:crypto'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { probeMark } from '../../../probe/rules.ts'
import { entriesOf, placeOf, places, type Entry, type Place } from './place.ts'

/** Our table, in the families netdev and inet. */
export const table = 'tangent-counters'

/** The most backends, of all farms, that are counted. */
const size = 131_072

export type Family = Place['family']

/** One counted element: `number` stands for the farm. The owner is a backend, or the farm where the key is nobody's. */
export type Cell = { number: number; key: string; owner: string; packets: number; bytes: number }

/** A chain with its hook, if it has one. The label ends up in the comment of each rule, which says that nobody has changed it. */
export type Chain = { name: string; hook: string; rules: string[]; label: string }

export function commentsOf({ rules, label }: Chain): string[] {
  return rules.map((rule) => `${label} ${createHash('sha256').update(rule).digest('hex').slice(0, 12)}`)
}

export function setsOf({ digit }: Place): { sent: string; begun: string } {
  return { sent: `sent${digit}`, begun: `begun${digit}` }
}

/** Table, sets and maps; what exists already stays as it is. Ranges of ports stand apart: looking among them costs more. */
export function frame(family: Family): string[] {
  const sets = places
    .filter((place) => place.family === family)
    .flatMap((place) => {
      const key = place.digit === '' ? 'ether_addr' : `ipv${place.digit}_addr . inet_service`
      return Object.values(setsOf(place)).map((set) => `add set ${family} ${table} ${set} { type mark . ${key}; counter; size ${size}; }`)
    })
  const maps = ['4', '6'].flatMap((digit) => {
    const key = `inet_proto . ipv${digit}_addr`
    return [
      `add map ${family} ${table} ports${digit} { type ${key} . inet_service : verdict; }`,
      `add map ${family} ${table} ranges${digit} { type ${key} . inet_service : verdict; flags interval; }`,
      `add map ${family} ${table} addresses${digit} { type ${key} : verdict; }`,
    ]
  })
  return [`add table ${family} ${table}`, ...sets, ...maps]
}

export const mapNames = ['4', '6'].flatMap((digit) => ['ports', 'ranges', 'addresses'].map((kind) => `${kind}${digit}`))

/** The hook that sees a farm's packets, probes left out. Both stand behind everything that balances, translates or filters. */
export function hookOf(farm: NftlbFarm): Chain {
  if (placeOf(farm).family === 'inet') return { name: 'through', hook: 'type filter hook forward priority 300; policy accept;', rules: through(), label: 'through' }
  return { name: `out-${farm.iface}`, hook: `type filter hook egress device "${farm.iface}" priority 0; policy accept;`, rules: [`meta mark ${probeMark} accept`, ...outgoing()], label: 'out' }
}

function outgoing(): string[] {
  return (['ip protocol . ip daddr', 'ip6 nexthdr . ip6 daddr'] as const).flatMap((start, index) => lookups(start, ' . th dport', index === 0 ? '4' : '6'))
}

/** nft knows the type of `ct original proto-dst` only behind a match on the protocol. Replies of a connection are not counted. */
function through(): string[] {
  const match = 'ct direction original meta l4proto { tcp, udp, sctp } meta l4proto'
  return (['ip', 'ip6'] as const).flatMap((ip, index) => lookups(`${match} . ct original ${ip} daddr`, ' . ct original proto-dst', index === 0 ? '4' : '6'))
}

function lookups(start: string, port: string, digit: string): string[] {
  return [`${start}${port} vmap @ports${digit}`, `${start}${port} vmap @ranges${digit}`, `${start} vmap @addresses${digit}`]
}

/**
 * The chain of a farm: two lookups of its number and the packet's target, the first for packets that open a connection. The
 * number is written as a mark of which nothing is left, because nft takes no constant as a part of a key.
 */
export function chainOf(farm: NftlbFarm, number: number): Chain {
  const place = placeOf(farm)
  const { sent, begun } = setsOf(place)
  const ip = farm.family === 'ipv6' ? 'ip6' : 'ip'
  const target = place.family === 'netdev' ? 'ether daddr' : `${ip} daddr . th dport${farm.backends.some(({ port }) => port !== '') ? '' : ' & 0'}`
  const key = `meta mark & 0 | ${number} . ${target}`
  return { name: farm.name, hook: '', rules: [`tcp flags & (syn|ack|rst|fin) == syn ${key} @${begun}`, `${key} @${sent}`], label: String(number) }
}

/** Puts a chain there with exactly its rules, whatever it held. */
export function putChain(family: Family, chain: Chain): string[] {
  const comments = commentsOf(chain)
  return [
    `add chain ${family} ${table} ${chain.name}${chain.hook === '' ? '' : ` { ${chain.hook} }`}`,
    `flush chain ${family} ${table} ${chain.name}`,
    ...chain.rules.map((rule, index) => `add rule ${family} ${table} ${chain.name} ${rule} comment "${comments[index]}"`),
  ]
}

export function dropChain(family: Family, name: string): string[] {
  return [`flush chain ${family} ${table} ${name}`, `delete chain ${family} ${table} ${name}`]
}

export function putEntries(family: Family, farm: NftlbFarm, entries: readonly Entry[] = entriesOf(farm)): string[] {
  return grouped(entries).map(([map, keys]) => `add element ${family} ${table} ${map} { ${keys.map((key) => `${key} : goto ${farm.name}`).join(', ')} }`)
}

export function dropEntries(family: Family, entries: readonly Entry[]): string[] {
  return grouped(entries).map(([map, keys]) => `delete element ${family} ${table} ${map} { ${keys.join(', ')} }`)
}

export function putCells(family: Family, set: string, cells: readonly Cell[]): string[] {
  if (cells.length === 0) return []
  const elements = cells.map(({ number, key, owner, packets, bytes }) => `${number} . ${key} counter packets ${packets} bytes ${bytes} comment "${owner}"`)
  return [`add element ${family} ${table} ${set} { ${elements.join(', ')} }`]
}

export function dropCells(family: Family, set: string, cells: ReadonlyArray<Pick<Cell, 'number' | 'key'>>): string[] {
  return cells.length === 0 ? [] : [`delete element ${family} ${table} ${set} { ${cells.map(({ number, key }) => `${number} . ${key}`).join(', ')} }`]
}

function grouped(entries: readonly Entry[]): Array<[string, string[]]> {
  const groups = new Map<string, string[]>()
  for (const { map, key } of entries) {
    const group = groups.get(map)
    if (group) group.push(key)
    else groups.set(map, [key])
  }
  return [...groups]
}
