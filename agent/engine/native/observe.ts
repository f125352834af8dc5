import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { deviceChains, sharedChains } from './device-rules.ts'
import { chainsOf, inHandover, oldOwners, olds, settled, youngs } from './converge.ts'
import { afterMap, beforeMap, slotMap, type Chains } from './farm-rules.ts'
import type { Held, Mirror, Owner } from './held.ts'
import { idOf, ownerText } from './ids.ts'
import { readCounted, readDispatch, readMacs, readSlotMap, readSlots, type Counted } from './kernel.ts'
import { dispatchMaps, ingressChain, type Id } from './names.ts'
import type { Rules } from './read-rules.ts'
import { readCounters, type Readings } from './counters.ts'
import { digestOf } from './rule-line.ts'
import { shapeOf, tellsNew } from './shape.ts'

/** What differs, in words; empty when nothing does. */
export type Differences = string[]

/** Compares what all farms share with the mirror: dispatch, owners, shared chains and the chains of the interfaces. */
export async function compareShared(mirror: Mirror, there: Rules): Promise<Differences> {
  const chains = [...sharedChains, ...[...mirror.devices].flatMap(([iface, mac]) => [...deviceChains(iface, mac)])]
  const found = compareChains(new Map(chains), there)
  for (const map of dispatchMaps) {
    const keys = await readDispatch(map)
    const wanted = [...mirror.dispatch.values()].filter((entry) => entry.map === map)
    if (!keys) found.push(`map ${map} is missing`)
    else if (keys.size !== wanted.length || wanted.some(({ key, chain }) => keys.get(key) !== chain)) found.push(`map ${map} has other elements`)
  }
  return [...found, ...compareOwners(mirror, await readMacs(), await readCounters()), ...compareOlder(mirror, await readCounted('older'))]
}

function compareOlder(mirror: Mirror, there: ReadonlyMap<Id, Counted>): Differences {
  const wanted = [...mirror.farms.values()].flatMap((held) => [...oldOwners(held)])
  return there.size === wanted.length && wanted.every((id) => there.has(id)) ? [] : ['set older has other elements']
}

function compareOwners(mirror: Mirror, macs: ReadonlyMap<Id, string>, { sent, connections, unsent }: Readings): Differences {
  const farms = [...mirror.farms.values()]
  const owners = farms.flatMap((farm) => [...farm.owners])
  const alive = owners.filter(([, { mac }]) => mac !== null)
  const found: Differences = []
  if (macs.size !== alive.length || alive.some(([id, { mac }]) => macs.get(id) !== mac)) found.push('map macs has other elements')
  if (sent.size !== owners.length || owners.some(([id]) => !sent.has(id))) found.push('set sent has other elements')
  if (connections.size !== owners.length || owners.some(([id]) => !connections.has(id))) found.push('set connections has other elements')
  if (unsent.size !== farms.length || farms.some(({ id }) => !unsent.has(id))) found.push('set unsent has other elements')
  return found
}

/** Compares the chains and slots of one farm with the mirror. */
export async function compareFarm(held: Held, rules: Rules): Promise<Differences> {
  const found = compareChains(chainsOf(held), rules)
  const { name } = held.shape
  const maps: Array<[string, Map<number, Id>]> = [[slotMap(name), settled(held)], ...(inHandover(held) ? ([[beforeMap(name), olds(held)], [afterMap(name), youngs(held)]] as Array<[string, Map<number, Id>]>) : [])]
  for (const [map, wanted] of maps) {
    const there = await readSlots(map)
    if (!there) found.push(`map ${map} is missing`)
    else if (!equal(there, wanted)) found.push(`map ${map} has other slots`)
  }
  return found
}

/** Chains that are not as they should be. */
export function compareChains(wanted: Chains, there: Rules): Differences {
  return [...wanted].flatMap(([chain, rules]) => {
    const comments = there.get(chain)
    if (!comments) return [`chain ${chain} is missing`]
    return comments.length === rules.length && rules.every((rule, index) => comments[index] === digestOf(rule)) ? [] : [`chain ${chain} has other rules`]
  })
}

function equal(a: ReadonlyMap<number, Id>, b: ReadonlyMap<number, Id>): boolean {
  return a.size === b.size && [...a].every(([slot, id]) => b.get(slot) === id)
}

/** The owners that the kernel knows, by farm. */
export function ownersThere(macs: ReadonlyMap<Id, string>, sent: ReadonlyMap<Id, Counted>): Map<string, Map<Id, Owner>> {
  const found = new Map<string, Map<Id, Owner>>()
  for (const [id, { comment }] of sent) {
    const [farm = '', address] = (comment ?? '').split(' ')
    if (address) found.set(farm, (found.get(farm) ?? new Map<Id, Owner>()).set(id, { address, mac: macs.get(id) ?? null }))
  }
  return found
}

/**
 * Reads a farm's slots out of the kernel, so that a restart or a repair is an ordinary change and a handover goes on. Null when
 * what is there makes no sense for the wanted farm. What is wanted may be new: the size, and whether there is a handover, are the
 * kernel's. A handover found has its whole period again (`at` is now in ms): since when it lasts stands nowhere.
 */
export async function adoptFarm(wanted: NftlbFarm, owners: ReadonlyMap<Id, Owner>, at: number): Promise<Held | null> {
  const { name } = wanted
  const there = await readSlotMap(slotMap(name))
  if (!there) return null
  const { size, slots } = there
  const id = idOf(ownerText(name, null), new Map())
  // A slot in handover is missing in the slot map, and each reading is a program of its own.
  const [before, after] = slots.size < size ? [await readSlots(beforeMap(name)), await readSlots(afterMap(name))] : [null, null]
  const next = shapeOf(wanted)
  const shape = { ...next, size, kind: before && !tellsNew(next.kind) ? ('tcp' as const) : next.kind }
  return assemble({ farm: wanted, shape, id, owners, now: new Uint32Array(shape.size), lingering: new Map() }, slots, before ?? new Map<number, Id>(), after ?? new Map<number, Id>(), at)
}

function assemble(empty: Held, slots: ReadonlyMap<number, Id>, before: ReadonlyMap<number, Id>, after: ReadonlyMap<number, Id>, at: number): Held | null {
  const { shape, id, owners, now } = empty
  const all = [...slots, ...after, ...before]
  if (all.some(([slot, owner]) => slot >= shape.size || (owner !== id && !owners.has(owner))) || before.size !== after.size) return null
  if ([...before.keys()].some((slot) => slots.has(slot) || !after.has(slot))) return null
  const real = (owner: Id): Id => (owner === id ? 0 : owner)
  for (const [slot, owner] of [...slots, ...after]) now[slot] = real(owner)
  const until = at + shape.period * 1000
  return { ...empty, lingering: new Map([...before].map(([slot, owner]) => [slot, { owner: real(owner), until, mixed: true }])) }
}

/** True when the hooks are there: they vanish with their interface, and nobody reports it. */
export async function hooksStand(mirror: Mirror, read: (chain: string) => Promise<Rules>): Promise<boolean> {
  for (const [iface, mac] of mirror.devices) {
    const chain = ingressChain(iface)
    const wanted = new Map([[chain, deviceChains(iface, mac).get(chain) ?? []]])
    if (compareChains(wanted, await read(chain)).length > 0) return false
  }
  return true
}

/** The MAC addresses that the slots of a farm lead to; none when packets do not meet its rules. */
export async function targetsOf(held: Held | null, read: (held: Held) => Promise<Rules>): Promise<ReadonlySet<string>> {
  if (!held || compareChains(chainsOf(held), await read(held)).length > 0) return new Set()
  const { name } = held.shape
  const [slots, after, macs] = await Promise.all([readSlots(slotMap(name)), inHandover(held) ? readSlots(afterMap(name)) : null, readMacs()])
  const owners = new Set([...(slots?.values() ?? []), ...(after?.values() ?? [])])
  return new Set([...owners].flatMap((id) => macs.get(id) ?? []))
}
