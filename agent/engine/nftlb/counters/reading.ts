import { field, nft } from '../../nft.ts'
import { table, type Cell, type Family } from './script.ts'

/** Our table as the kernel has it: cells by set and `number . key`, the comments of each chain's rules, and map → key → chain. */
export type Listing = { sets: Map<string, Map<string, Cell>>; chains: Map<string, string[]>; maps: Map<string, Map<string, string>> }

type Listed = {
  set?: { name: string; elem?: unknown[] }
  map?: { name: string; elem?: unknown[] }
  chain?: { name: string }
  rule?: { chain: string; comment?: string }
}

export function cellId({ number, key }: Pick<Cell, 'number' | 'key'>): string {
  return `${number} . ${key}`
}

/** Reads the whole table; null when there is none. */
export async function readTable(family: Family): Promise<Listing | null> {
  const text = await nft(['-j', 'list', 'table', family, table])
  return text === null ? null : parseListing(text)
}

/** Reads one set, which is the fast way to many counters: 10,000 take about 0.1 s. Empty when it does not exist. */
export async function readCells(family: Family, set: string): Promise<Map<string, Cell>> {
  const text = await nft(['-j', 'list', 'set', family, table, set])
  return (text === null ? null : parseListing(text).sets.get(set)) ?? new Map()
}

export function parseListing(text: string): Listing {
  const listing: Listing = { sets: new Map(), chains: new Map(), maps: new Map() }
  for (const { set, map, chain, rule } of (JSON.parse(text) as { nftables?: Listed[] }).nftables ?? []) {
    if (set) listing.sets.set(set.name, new Map((set.elem ?? []).flatMap(toCell)))
    if (map) listing.maps.set(map.name, new Map((map.elem ?? []).flatMap(toEntry)))
    if (chain) listing.chains.set(chain.name, [])
    if (rule) listing.chains.get(rule.chain)?.push(rule.comment ?? '')
  }
  return listing
}

function toCell(element: unknown): Array<[string, Cell]> {
  const elem = field(element, 'elem')
  const key = field(field(elem, 'val'), 'concat')
  const counter = field(elem, 'counter')
  if (!Array.isArray(key) || counter === undefined) return []
  const [number, ...rest] = key.map(String)
  const cell = { number: Number(number), key: rest.join(' . '), owner: String(field(elem, 'comment') ?? ''), packets: Number(field(counter, 'packets')), bytes: Number(field(counter, 'bytes')) }
  return [[cellId(cell), cell]]
}

function toEntry(element: unknown): Array<[string, string]> {
  if (!Array.isArray(element)) return []
  const [key, verdict] = element as [unknown, unknown]
  const parts = field(key, 'concat')
  const target = field(field(verdict, 'goto'), 'target')
  return Array.isArray(parts) && typeof target === 'string' ? [[parts.map(printed).join(' . '), target]] : []
}

function printed(part: unknown): string {
  const range = field(part, 'range')
  return Array.isArray(range) ? range.join('-') : String(part)
}
