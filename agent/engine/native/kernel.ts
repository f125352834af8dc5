import { parseAddress } from '#lib/domain/address.ts'
import { RunError } from '../../run.ts'
import { field, nft } from '../nft.ts'
import { table, type Id } from './names.ts'

/** Counted so far by one element. */
export type Count = { packets: number; bytes: number }

/** An element of a set with counters: whose it is, and what it counted. */
export type Counted = { comment: string | null; count: Count }

/** True when nft did not take a script: not when it could not be written, took too long or was killed, which says nothing about the script. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RunError && error.failure.kind === 'exit' && error.failure.code !== null
}

/** A map from slots to owners; null when it does not exist. */
export async function readSlots(map: string): Promise<Map<number, Id> | null> {
  return (await readSlotMap(map))?.slots ?? null
}

/** The same with the size that the map was declared with. */
export async function readSlotMap(map: string): Promise<{ size: number; slots: Map<number, Id> } | null> {
  const found = await readObject('map', map)
  return found && { size: Number(field(found, 'size')), slots: slotsIn(elementsOf(found)) }
}

function slotsIn(elements: readonly unknown[]): Map<number, Id> {
  return new Map(elements.flatMap((element) => (Array.isArray(element) ? [[Number(element[0]), Number(element[1])] as const] : [])))
}

/** Owner → MAC address. */
export async function readMacs(): Promise<Map<Id, string>> {
  const elements = (await readElements('map', 'macs')) ?? []
  return new Map(elements.flatMap((element) => (Array.isArray(element) ? [[Number(element[0]), String(element[1])] as const] : [])))
}

/** The elements of a set with counters. */
export async function readCounted(set: string): Promise<Map<Id, Counted>> {
  const elements = (await readElements('set', set)) ?? []
  return new Map(
    elements.map((element) => {
      const elem = field(element, 'elem') ?? { val: element }
      const counter = field(elem, 'counter')
      const comment = field(elem, 'comment')
      return [Number(field(elem, 'val')), { comment: typeof comment === 'string' ? comment : null, count: { packets: Number(field(counter, 'packets') ?? 0), bytes: Number(field(counter, 'bytes') ?? 0) } }]
    }),
  )
}

/** The keys of a dispatch map in our own words, with the chain that each leads to; null when the map does not exist. */
export async function readDispatch(map: string): Promise<Map<string, string> | null> {
  const elements = await readElements('map', map)
  return (
    elements &&
    new Map(
      elements.flatMap((element) => {
        const [key, verdict] = Array.isArray(element) ? (element as unknown[]) : []
        const parts = field(key, 'concat')
        return Array.isArray(parts) ? [[parts.map(word).join(' . '), String(field(field(verdict, 'goto'), 'target'))] as const] : []
      }),
    )
  )
}

async function readElements(kind: 'map' | 'set', name: string): Promise<unknown[] | null> {
  const found = await readObject(kind, name)
  return found === null ? null : elementsOf(found)
}

async function readObject(kind: 'map' | 'set', name: string): Promise<object | null> {
  const text = await nft(['-j', 'list', kind, 'netdev', table, name])
  const found = parse(text).map((one) => one[kind]).find((one) => typeof one === 'object' && one !== null)
  return (found as object | undefined) ?? null
}

function elementsOf(found: object): unknown[] {
  const elements = field(found, 'elem')
  return Array.isArray(elements) ? elements : []
}

/** A part of a key; nft prints some IPv6 addresses in another way than RFC 5952. */
function word(part: unknown): string {
  const range = field(part, 'range')
  if (Array.isArray(range)) return range.join('-')
  const text = String(part)
  const parsed = text.includes(':') ? parseAddress(text) : null
  return parsed && 'address' in parsed ? parsed.address : text
}

function parse(text: string | null): Array<{ chain?: unknown; rule?: unknown; map?: unknown; set?: unknown }> {
  return text === null || text === '' ? [] : ((JSON.parse(text) as { nftables?: [] }).nftables ?? [])
}
