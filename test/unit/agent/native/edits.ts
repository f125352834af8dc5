import fc from 'fast-check'
import type { NftlbBackend, NftlbFarm } from '#lib/render/nftlb.ts'
import { json } from '../json.ts'

/** A table this small is no farm's; it makes changes of single slots frequent. */
export const fewSlots = 97

const states = ['up', 'up', 'up', 'off', 'down'] as const

/** A backend of some address; its MAC follows from the address, or is not known. */
function backendAt(host: number): fc.Arbitrary<NftlbBackend> {
  return fc.record({ state: fc.constantFrom(...states), weight: fc.integer({ min: 1, max: 3 }), known: fc.integer({ min: 0, max: 9 }) }).map(({ state, weight, known }) => ({
    name: `b_b${host}`,
    'ip-addr': `203.0.113.${host}`,
    ...(known > 0 ? { 'ether-addr': `52:54:00:00:00:${host}` } : {}),
    port: '',
    weight: String(weight),
    priority: '1',
    state,
  }))
}

const pools = fc.uniqueArray(fc.integer({ min: 21, max: 26 }), { maxLength: 6 }).chain((hosts) => fc.tuple(...hosts.sort().map(backendAt)))

/** A farm of this name. VIP and ports are out of few, so that farms take them from each other. */
export function farmNamed(name: string, fixed: Partial<NftlbFarm> = {}): fc.Arbitrary<NftlbFarm> {
  return fc
    .record({
      backends: pools,
      vip: fc.integer({ min: 100, max: 102 }),
      more: fc.boolean(),
      ports: fc.constantFrom('80', '80,443', '443,8000-8010', ''),
      protocol: fc.constantFrom('tcp', 'tcp', 'udp', 'all', 'sctp'),
      input: fc.constantFrom('srcip srcport', 'srcip srcport', 'srcip'),
      size: fc.constantFrom(fewSlots, fewSlots, 13),
      iface: fc.constantFrom('eth0', 'eth0', 'eth1'),
    })
    .map(({ backends, vip, more, ports, protocol, input, size, iface }) => ({
      ...json({ name, scheduler: 'maglev', backends: [] }),
      iface,
      oface: iface,
      'virtual-addr': `203.0.113.${vip}`,
      'virtual-ports': ports,
      protocol,
      'sched-param': input,
      slots: String(size) as '4093',
      ...(more ? { addresses: [{ name: `f_${name}_vip2`, family: 'ipv4' as const, 'ip-addr': `203.0.113.${vip + 10}`, ports, protocol }] } : {}),
      backends: [...backends],
      ...fixed,
    }))
}

/** One edit of one of a few farms; null deletes it. */
export type Edit = { name: string; farm: NftlbFarm | null; laterMs: number; ends: boolean }

export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.constantFrom('web', 'mail', 'dns').chain((name) =>
    fc.record({ name: fc.constant(`f_${name}`), farm: fc.option(farmNamed(name), { freq: 5 }), laterMs: fc.constantFrom(0, 1000, 1_800_000, 4_000_000), ends: fc.boolean() }),
  ),
  { minLength: 1, maxLength: 25 },
)
