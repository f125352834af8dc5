import { rolesOf } from '#lib/domain/active.ts'
import type { FarmInput } from '#lib/domain/farm.ts'
import { renderFarm, type NftlbFarm } from '#lib/render/nftlb.ts'
import { farm } from '../domain/farms.ts'

/** A farm as the nftlb engine gets it, so symhash when no scheduler is named: every backend has a MAC made from the last part of its address. */
export function json(changes: Partial<FarmInput> = {}): NftlbFarm {
  const wanted = farm({ scheduler: 'symhash', ...changes })
  const macs = new Map(wanted.backends.map(({ name, address }) => [name, `52:54:00:00:00:${address.split('.').at(-1)}`]))
  return renderFarm(wanted, { interface: { name: 'eth0', mac: '52:54:00:00:00:01' }, roles: rolesOf(wanted, () => true), macs })
}

/** `count` backends named b1, b2 …, changed one by one where `changes` has an entry. */
export function backends(count: number, changes: Record<string, object> = {}): NonNullable<FarmInput['backends']> {
  return Array.from({ length: count }, (_, i) => ({ name: `b${i + 1}`, address: `203.0.113.${21 + i}`, ...changes[`b${i + 1}`] }))
}
