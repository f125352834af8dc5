import type { NftlbAddress, NftlbFarm } from './nftlb.ts'

type OwnKey = 'slots' | 'seed' | 'handover-period' | 'handover-size'

/** A farm in JSON that Debian's nftlb loads. It takes packets for an address that the machine has not, when told the interface and its MAC. */
export type ExportedFarm = Omit<NftlbFarm, OwnKey | 'scheduler' | 'addresses'> & {
  scheduler: Exclude<NftlbFarm['scheduler'], 'maglev'>
  addresses?: Array<NftlbAddress & { iface?: string; 'ether-addr'?: string }>
}

/**
 * Turns the JSON of either engine into what a stock nftlb takes: the native engine's own keys are left out and its hash is
 * replaced by nftlb's. `notes` say in sentences what the export does otherwise than the farm; a farm of nftlb has none.
 */
export function exportFarm(farm: NftlbFarm): { farm: ExportedFarm; notes: string[] } {
  const { slots: _slots, seed: _seed, 'handover-period': _period, 'handover-size': _size, ...kept } = farm
  const { scheduler, iface, 'ether-addr': mac } = farm
  const place = { ...(iface ? { iface } : {}), ...(mac ? { 'ether-addr': mac } : {}) }
  // What is replaced stays where it stands: nftlb reads its keys in order.
  const placed = { ...kept, ...(farm.addresses ? { addresses: farm.addresses.map(({ name, family, ...address }) => ({ name, family, ...place, ...address })) } : {}) }
  if (scheduler !== 'maglev') return { farm: { ...placed, scheduler }, notes: [] }
  const input = hashable(farm)
  const notes = [
    `Scheduler maglev became hash on ${input}: nftlb has no consistent hash, and every change of the farm draws its hash anew and moves connections.`,
    'slots, seed, handover-period and handover-size are left out: they are of the native engine alone.',
    ...(input === farm['sched-param'] ? [] : [`The hash looks at ${input} instead of ${farm['sched-param']}: nftlb reads ports of TCP alone, and the farm serves all protocols.`]),
  ]
  return { farm: { ...placed, scheduler: 'hash', 'sched-param': input }, notes }
}

/** What nftlb can hash: with ports in it, a rule for all protocols would match TCP alone. */
function hashable({ protocol, 'sched-param': input }: NftlbFarm): string {
  if (protocol !== 'all') return input
  return input.split(' ').filter((token) => !token.endsWith('port')).join(' ') || 'srcip'
}
