import { command, inside } from './command.ts'
import type { Machine } from './topology.ts'

/** A farm of the native engine as the kernel has it: slots with an owner, slots in handover, and which owners have a MAC address. */
export type NativeFarm = { slots: Map<number, number>; before: Map<number, number>; after: Map<number, number>; reachable: boolean; ownersAlive: boolean }

type Listed = { chain?: { name: string; table: string }; rule?: { chain: string }; map?: { name: string; table: string; elem?: unknown[] } }

/** Reads all farms of the native engine out of the ruleset; empty when its table is not there. */
export async function nativeFarms(machine: Machine): Promise<Map<string, NativeFarm>> {
  const text = await command(inside(machine.namespace, ['sh', '-c', 'nft -j list table netdev tangent 2>/dev/null || echo \'{"nftables": []}\'']))
  const listed = (JSON.parse(text) as { nftables: Listed[] }).nftables
  const maps = new Map(listed.flatMap(({ map }) => (map ? [[map.name, pairs(map.elem ?? [])] as const] : [])))
  const chains = new Set(listed.flatMap(({ rule }) => (rule ? [rule.chain] : [])))
  const targets = new Set([...maps].filter(([name]) => /^(ports|ranges|vips)/.test(name)).flatMap(([, elements]) => [...elements.values()].map(String)))
  const names = [...maps.keys()].filter((name) => /^f_[^-]+$/.test(name))
  return new Map(
    names.map((name) => {
      const [slots, before, after] = ['', '-before', '-after'].map((suffix) => numbers(maps.get(`${name}${suffix}`) ?? new Map<string, unknown>()))
      const farm = { slots: slots ?? new Map<number, number>(), before: before ?? new Map<number, number>(), after: after ?? new Map<number, number>() }
      const alive = new Set([...(maps.get('macs')?.keys() ?? [])].map(Number))
      const owners = [...farm.slots.values(), ...farm.after.values()]
      return [name.replace(/^f_/, '').replaceAll('_', '-'), { ...farm, reachable: targets.has(name) && chains.has(name), ownersAlive: owners.every((id) => alive.has(id)) }]
    }),
  )
}

function pairs(elements: readonly unknown[]): Map<string, unknown> {
  return new Map(
    elements.flatMap((element) => {
      const [key, value] = Array.isArray(element) ? (element as [unknown, unknown]) : [null, null]
      const target = typeof value === 'object' && value !== null ? ((value as { goto?: { target: string } }).goto?.target ?? null) : value
      return target === null ? [] : [[typeof key === 'object' ? JSON.stringify(key) : String(key), target] as const]
    }),
  )
}

function numbers(map: ReadonlyMap<string, unknown>): Map<number, number> {
  return new Map([...map].map(([slot, id]) => [Number(slot), Number(id)]))
}
