import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { deviceChains, hookOf } from './device-rules.ts'
import { afterMap, beforeMap, farmChains, slotMap, youngMap, type Chains } from './farm-rules.ts'
import { dispatchKey, type Held, type Lingering, type Mirror, type Owner } from './held.ts'
import { idOf, ownerText } from './ids.ts'
import { ingressChain, table, type DispatchMap, type Id } from './names.ts'
import { ruleLine } from './rule-line.ts'
import { hashesAlike, shapeOf, tellsNew, type Shape } from './shape.ts'
import { memoryDeclaration, skeleton, slotMapDeclaration } from './skeleton.ts'
import { moveSlots, noMoves, wantedSlots, type Moves } from './slots.ts'

/** One transaction and what the kernel has after it. `next` is null for a farm that is gone. */
export type Change = { script: string; next: Held | null; moves: Moves }

const never = (): boolean => false
const openingSeconds = 60

/**
 * The transaction that brings a farm from what the kernel has of it to what is wanted (null: nothing). It holds only what
 * differs; an empty script means that nothing does. `at` is now in ms; slots for which `ends` answers true leave the handover.
 */
export function converge(mirror: Mirror, name: string, wanted: NftlbFarm | null, at: number, ends: (entry: Lingering) => boolean = never): Change {
  const held = mirror.farms.get(name) ?? null
  if (!wanted) return { script: held ? removal(mirror, held) : '', next: null, moves: noMoves }
  const shape = shapeOf(wanted)
  const claimed = new Map<Id, string>()
  const taken = { get: (id: Id) => claimed.get(id) ?? mirror.ids.get(id) }
  const claim = (address: string | null): Id => {
    const text = ownerText(name, address)
    const id = idOf(text, taken)
    claimed.set(id, text)
    return id
  }
  const id = claim(null)
  const present = ownersOf(wanted, claim)
  const owners = new Map([...(held && hashesAlike(held.shape, shape) ? held.owners : []), ...present])
  const slots = wantedSlots(wanted, shape.size, claim)
  const { now, lingering, moves } = moveSlots(held, shape, slots, owners, at, ends)
  // Who is configured no more stays as long as old connections know it.
  const known = new Map([...owners].filter(([owner]) => present.has(owner) || lingersWith(lingering, held, owner)))
  const next: Held = { farm: wanted, shape, id, owners: known, now, lingering }
  return { script: script(mirror, held, next, wanted['ether-addr'] ?? ''), next, moves }
}

/** Puts a change into the mirror, after the kernel has taken it. */
export function commit(mirror: Mirror, name: string, next: Held | null, mac: string | null): void {
  const held = mirror.farms.get(name)
  mirror.exists = true
  for (const entry of held?.shape.dispatch ?? []) if (mirror.dispatch.get(dispatchKey(entry))?.chain === entry.chain) mirror.dispatch.delete(dispatchKey(entry))
  for (const id of held ? [held.id, ...held.owners.keys()] : []) mirror.ids.delete(id)
  if (!next) {
    mirror.farms.delete(name)
    return
  }
  mirror.farms.set(name, next)
  for (const entry of next.shape.dispatch) mirror.dispatch.set(dispatchKey(entry), entry)
  mirror.ids.set(next.id, ownerText(name, null))
  for (const [id, { address }] of next.owners) mirror.ids.set(id, ownerText(name, address))
  if (mac !== null) mirror.devices.set(next.shape.iface, mac)
}

function ownersOf(farm: NftlbFarm, claim: (address: string) => Id): Map<Id, Owner> {
  return new Map(farm.backends.map((backend) => [claim(backend['ip-addr']), { address: backend['ip-addr'], mac: backend.state === 'down' ? null : (backend['ether-addr'] ?? null) }]))
}

/** True while packets may still lead to an owner: as the old one of a slot, or because connections begun in a handover are with it. */
function lingersWith(lingering: ReadonlyMap<number, Lingering>, held: Held | null, owner: Id): boolean {
  if ([...lingering.values()].some((entry) => entry.owner === owner)) return true
  return lingering.size > 0 && (held?.lingering.size ?? 0) > 0 && held?.owners.has(owner) === true
}

function script(mirror: Mirror, held: Held | null, next: Held, mac: string): string {
  const lines = [...(mirror.exists ? [] : [skeleton()]), ...deviceLines(mirror, next.shape.iface, mac), ...structure(held, next), ...elements(held, next), ...dispatchLines(mirror, held, next)]
  return lines.join('\n')
}

/** The chains of an interface, when it is new or has another MAC address. */
function deviceLines(mirror: Mirror, iface: string, mac: string): string[] {
  return mirror.devices.get(iface) === mac ? [] : makeDevice(iface, mac)
}

/** Makes the chains of an interface, or fills them anew. */
export function makeDevice(iface: string, mac: string): string[] {
  const chains = deviceChains(iface, mac)
  const names = [...chains.keys()].filter((chain) => chain !== ingressChain(iface))
  return [...names.map((chain) => `add chain netdev ${table} ${chain}`), `add chain netdev ${table} ${ingressChain(iface)} { ${hookOf(iface)} }`, ...refill(chains)]
}

/** Takes the chains of an interface away, when no farm leads there any more. */
export function removeDevice(iface: string): string {
  const chains = [...deviceChains(iface, '').keys()]
  return [...chains.map((chain) => `flush chain netdev ${table} ${chain}`), ...chains.map((chain) => `delete chain netdev ${table} ${chain}`)].join('\n')
}

/** Maps and chains. A chain is filled anew as a whole: the seed of its hash is fixed, so that no packet sees a difference. */
function structure(held: Held | null, next: Held): string[] {
  const { name } = next.shape
  const [before, after] = [held && chainsOf(held), chainsOf(next)]
  const resized = held !== null && held.shape.size !== next.shape.size
  const handover = { was: held !== null && inHandover(held), is: inHandover(next) }
  const gone = before ? [...before.keys()].filter((chain) => !after.has(chain)) : []
  const changed = new Map([...after].filter(([chain, rules]) => resized || before?.get(chain)?.join('\n') !== rules.join('\n')))
  const dropped = [...(resized ? [slotMap(name)] : []), ...(handover.was && (!handover.is || resized) ? [beforeMap(name), afterMap(name), youngMap(name)] : [])]
  return [
    ...[...changed.keys()].filter((chain) => !before?.has(chain)).map((chain) => `add chain netdev ${table} ${chain}`),
    ...[...changed.keys(), ...gone].filter((chain) => before?.has(chain)).map((chain) => `flush chain netdev ${table} ${chain}`),
    ...gone.map((chain) => `delete chain netdev ${table} ${chain}`),
    ...dropped.map((map) => `delete map netdev ${table} ${map}`),
    ...(held && !resized ? [] : [`add map netdev ${table} ${slotMap(name)} ${slotMapDeclaration(next.shape.size)}`]),
    ...(handover.is && (!handover.was || resized) ? handoverMaps(next.shape) : []),
    ...[...changed].flatMap(([chain, rules]) => rules.map((rule) => ruleLine(chain, rule))),
  ]
}

function handoverMaps(shape: Shape): string[] {
  const slots = slotMapDeclaration(shape.size)
  return [
    `add map netdev ${table} ${beforeMap(shape.name)} ${slots}`,
    `add map netdev ${table} ${afterMap(shape.name)} ${slots}`,
    `add map netdev ${table} ${youngMap(shape.name)} ${memoryDeclaration(shape.room, openingSeconds)}`,
  ]
}

function elements(held: Held | null, next: Held): string[] {
  const { name } = next.shape
  const sameSize = held !== null && held.shape.size === next.shape.size
  const old = sameSize ? held : null
  const [was, is] = [old && inHandover(old), inHandover(next)]
  const owners = held?.owners ?? new Map<Id, Owner>()
  const counted = (set: 'sent' | 'connections'): string[] => difference(set, owners, next.owners, (id, { address }) => (set === 'sent' ? `${id} comment "${ownerText(name, address)}"` : String(id)))
  const macs = (list: ReadonlyMap<Id, Owner>): Map<Id, string> => new Map([...list].flatMap(([id, { mac }]) => (mac === null ? [] : [[id, mac]])))
  const olders = (one: Held | null): Map<Id, true> => new Map([...(one ? oldOwners(one) : [])].map((owner) => [owner, true]))
  return [
    ...(held ? [] : [`add element netdev ${table} unsent { ${next.id} comment "${name}" }`]),
    ...counted('sent'),
    ...counted('connections'),
    ...difference('macs', macs(owners), macs(next.owners), (id, mac) => `${id} : ${mac}`),
    ...difference('older', olders(held), olders(next), String),
    ...difference(slotMap(name), old ? settled(old) : new Map<number, Id>(), settled(next), pair),
    ...(is ? difference(beforeMap(name), was && old ? olds(old) : new Map<number, Id>(), olds(next), pair) : []),
    ...(is ? difference(afterMap(name), was && old ? youngs(old) : new Map<number, Id>(), youngs(next), pair) : []),
  ]
}

function pair(slot: number, id: Id): string {
  return `${slot} : ${id}`
}

/** Slots outside the handover, as the slot map has them. */
export function settled({ now, lingering }: Held): Map<number, Id> {
  const map = new Map<number, Id>()
  now.forEach((id, slot) => {
    if (id !== 0 && !lingering.has(slot)) map.set(slot, id)
  })
  return map
}

/** Slots in handover with their old owner; where that is nobody, the farm's own id stands for a refusal. */
export function olds({ id, lingering }: Held): Map<number, Id> {
  return new Map([...lingering].map(([slot, { owner }]) => [slot, owner || id]))
}

/** Slots in handover with the owner of new connections. */
export function youngs({ id, now, lingering }: Held): Map<number, Id> {
  return new Map([...lingering.keys()].map((slot) => [slot, now[slot] || id]))
}

/** Who still gets old connections; nobody, who stands in for several farms, is not among them. */
export function oldOwners({ lingering }: Held): Set<Id> {
  return new Set([...lingering.values()].flatMap(({ owner }) => (owner === 0 ? [] : [owner])))
}

export function inHandover({ shape, lingering }: Held): boolean {
  return tellsNew(shape.kind) && lingering.size > 0
}

export function chainsOf(held: Held): Chains {
  return farmChains(held.shape, held.id, inHandover(held))
}

function dispatchLines(mirror: Mirror, held: Held | null, next: Held | null): string[] {
  const after = new Map((next?.shape.dispatch ?? []).map((entry) => [dispatchKey(entry), entry]))
  const leaving = (held?.shape.dispatch ?? []).filter((entry) => !after.has(dispatchKey(entry)) && mirror.dispatch.get(dispatchKey(entry))?.chain === entry.chain)
  const coming = [...after.values()].filter((entry) => mirror.dispatch.get(dispatchKey(entry))?.chain !== entry.chain)
  // Another farm that still has the key gives it away in the same moment.
  const taken = coming.filter((entry) => mirror.dispatch.has(dispatchKey(entry)))
  return [...grouped('delete', [...leaving, ...taken], ({ key }) => key), ...grouped('add', coming, ({ key, chain }) => `${key} : goto ${chain}`)]
}

function grouped<T extends { map: DispatchMap }>(verb: 'add' | 'delete', entries: readonly T[], print: (entry: T) => string): string[] {
  const maps = [...new Set(entries.map(({ map }) => map))]
  return maps.map((map) => `${verb} element netdev ${table} ${map} { ${entries.filter((entry) => entry.map === map).map(print).join(', ')} }`)
}

function removal(mirror: Mirror, held: Held): string {
  const { name } = held.shape
  const chains = [...chainsOf(held).keys()]
  const maps = [slotMap(name), ...(inHandover(held) ? [beforeMap(name), afterMap(name), youngMap(name)] : [])]
  const macs = [...held.owners].filter(([, { mac }]) => mac !== null).map(([id]) => id)
  return [
    ...dispatchLines(mirror, held, null),
    ...chains.map((chain) => `flush chain netdev ${table} ${chain}`),
    ...chains.map((chain) => `delete chain netdev ${table} ${chain}`),
    ...maps.map((map) => `delete map netdev ${table} ${map}`),
    ...remove('macs', macs),
    ...remove('older', [...oldOwners(held)]),
    ...remove('sent', [...held.owners.keys()]),
    ...remove('connections', [...held.owners.keys()]),
    ...remove('unsent', [held.id]),
  ].join('\n')
}

/** Chains with their rules, emptied before. */
export function refill(chains: Chains): string[] {
  return [...chains].flatMap(([chain, rules]) => [`flush chain netdev ${table} ${chain}`, ...rules.map((rule) => ruleLine(chain, rule))])
}

/** The elements to delete and to add so that one map or set becomes another. */
function difference<K extends number, V>(name: string, before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>, print: (key: K, value: V) => string): string[] {
  const same = (a: V | undefined, b: V): boolean => a === b || (typeof b === 'object' && a !== undefined)
  const out = [...before].filter(([key, value]) => !after.has(key) || !same(after.get(key), value)).map(([key]) => key)
  const into = [...after].filter(([key, value]) => !before.has(key) || !same(before.get(key), value))
  return [...remove(name, out), ...(into.length > 0 ? [`add element netdev ${table} ${name} { ${into.map(([key, value]) => print(key, value)).join(', ')} }`] : [])]
}

function remove(name: string, keys: readonly number[]): string[] {
  return keys.length > 0 ? [`delete element netdev ${table} ${name} { ${keys.join(', ')} }`] : []
}
