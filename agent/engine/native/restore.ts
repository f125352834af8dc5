import { chainsOf, makeDevice, oldOwners, refill } from './converge.ts'
import { afterMap, beforeMap, slotMap, youngMap } from './farm-rules.ts'
import type { Held, Mirror } from './held.ts'
import { ownerText } from './ids.ts'
import { readSlots, type Counted } from './kernel.ts'
import { dispatchMaps, table, type Id } from './names.ts'
import { skeleton } from './skeleton.ts'
import type { Readings } from './counters.ts'

/** The script that makes what the chains of farms lead to; nothing happens to what exists already. */
export function restoreFrame(mirror: Mirror): string {
  return [skeleton(), ...[...mirror.devices].flatMap(([iface, mac]) => makeDevice(iface, mac))].join('\n')
}

/**
 * The script that makes everything else that farms share as the mirror says, whatever the kernel has: one transaction, in which no
 * packet meets less than before. Counters of owners that are still there are not touched; others go on from what was last read.
 */
export function restoreShared(mirror: Mirror, there: Readings, last: Readings): string {
  const farms = [...mirror.farms.values()]
  const owners = farms.flatMap((farm) => [...farm.owners].map(([id, owner]) => [id, { ...owner, farm: farm.shape.name }] as const))
  const macs = owners.flatMap(([id, { mac }]) => (mac === null ? [] : [`${id} : ${mac}`]))
  const older = new Set(farms.flatMap((farm) => [...oldOwners(farm)]))
  const texts = new Map<Id, string>(owners.map(([id, { farm, address }]) => [id, ownerText(farm, address)]))
  return [
    ...dispatchMaps.flatMap((map) => fill('map', map, [...mirror.dispatch.values()].filter((entry) => entry.map === map).map(({ key, chain }) => `${key} : goto ${chain}`))),
    ...fill('map', 'macs', macs),
    ...fill('set', 'older', [...older].map(String)),
    ...counted('sent', texts, there.sent, last.sent),
    ...counted('connections', new Map([...texts.keys()].map((id) => [id, null])), there.connections, last.connections),
    ...counted('unsent', new Map(farms.map(({ id, shape }) => [id, shape.name])), there.unsent, last.unsent),
  ].join('\n')
}

/** The script that makes the chains of a farm anew; its maps are left as they are. */
export function restoreChains(held: Held): string {
  const chains = chainsOf(held)
  return [...[...chains.keys()].map((chain) => `add chain netdev ${table} ${chain}`), ...refill(chains)].join('\n')
}

/** The script that takes away whatever is left of a farm under this name, when nothing leads to it any more. */
export async function clearAway(name: string, chains: readonly string[]): Promise<string> {
  const own = chains.filter((chain) => chain === name || chain.startsWith(`${name}-`))
  const maps: string[] = []
  for (const map of [slotMap(name), beforeMap(name), afterMap(name), youngMap(name)]) if ((await readSlots(map)) !== null) maps.push(map)
  return [
    ...own.map((chain) => `flush chain netdev ${table} ${chain}`),
    ...own.map((chain) => `delete chain netdev ${table} ${chain}`),
    ...maps.map((map) => `delete map netdev ${table} ${map}`),
  ].join('\n')
}

/** The names of the farms that chains belong to. */
export function farmsOfChains(chains: readonly string[]): Set<string> {
  return new Set(chains.filter((chain) => chain.startsWith('f_')).map((chain) => chain.replace(/-.*$/, '')))
}

function fill(kind: 'map' | 'set', name: string, elements: readonly string[]): string[] {
  return [`flush ${kind} netdev ${table} ${name}`, ...(elements.length > 0 ? [`add element netdev ${table} ${name} { ${elements.join(', ')} }`] : [])]
}

function counted(set: string, wanted: ReadonlyMap<Id, string | null>, there: ReadonlyMap<Id, Counted>, last: ReadonlyMap<Id, Counted>): string[] {
  const gone = [...there.keys()].filter((id) => !wanted.has(id))
  const missing = [...wanted].filter(([id]) => !there.has(id))
  const print = ([id, text]: [Id, string | null]): string => {
    const { packets, bytes } = last.get(id)?.count ?? { packets: 0, bytes: 0 }
    return `${id} counter packets ${packets} bytes ${bytes}${text === null ? '' : ` comment "${text}"`}`
  }
  return [
    ...(gone.length > 0 ? [`delete element netdev ${table} ${set} { ${gone.join(', ')} }`] : []),
    ...(missing.length > 0 ? [`add element netdev ${table} ${set} { ${missing.map(print).join(', ')} }`] : []),
  ]
}
