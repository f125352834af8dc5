import { packetProtocols } from '#lib/domain/farm.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'

/**
 * Where a farm's packets are counted: on their way out of an interface, where the Ethernet address says which backend gets
 * them, or where tracked connections are forwarded, by address and port. `digit` ends the names of the two sets.
 */
export type Place = { family: 'netdev' | 'inet'; digit: '' | '4' | '6' }

/** One element of a dispatch map: the key by which a packet finds the farm's chain. */
export type Entry = { map: string; key: string }

const outgoing: Place = { family: 'netdev', digit: '' }
const through: Record<NftlbFarm['family'], Place> = { ipv4: { family: 'inet', digit: '4' }, ipv6: { family: 'inet', digit: '6' } }
export const places = [outgoing, through.ipv4, through.ipv6]

export function placeOf(farm: NftlbFarm): Place {
  return farm.mode === 'dsr' || farm.mode === 'stlsdnat' ? outgoing : through[farm.family]
}

/** What tells the backends of a farm apart, as keys of its counters → backend. Two with one MAC address count as the first. */
export function targetsOf(farm: NftlbFarm): Map<string, string> {
  const targets = new Map<string, string>()
  for (const backend of farm.backends) {
    const key = placeOf(farm).family === 'netdev' ? (backend['ether-addr'] ?? '') : `${backend['ip-addr']} . ${backend.port || '0'}`
    if (key !== '' && !targets.has(key)) targets.set(key, backend.name)
  }
  return targets
}

/** A key that no packet has. The first stands for the farm itself, others for totals that are no longer counted. */
export function restKey({ digit }: Place, index: number): string {
  const [high, low] = [index >> 8, index & 255]
  if (digit === '') return `00:00:00:00:${[high, low].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`
  if (digit === '4') return `0.0.${high}.${low} . 0`
  return `::${index === 0 ? '' : index.toString(16)} . 0`
}

/** How packets of a farm are found. After stateless DNAT they carry the backend's address, which one such farm alone has on these ports. */
export function entriesOf(farm: NftlbFarm): Entry[] {
  const digit = farm.family === 'ipv6' ? '6' : '4'
  const addresses = farm.mode === 'stlsdnat' ? [...new Set(farm.backends.map((backend) => backend['ip-addr']))] : [farm['virtual-addr']]
  const ports = farm['virtual-ports'] === '' ? [] : farm['virtual-ports'].split(',')
  return packetProtocols(farm.protocol).flatMap((protocol) =>
    addresses.flatMap((address) => {
      const start = `${protocol} . ${address}`
      if (ports.length === 0) return [{ map: `addresses${digit}`, key: start }]
      return ports.map((port) => ({ map: `${port.includes('-') ? 'ranges' : 'ports'}${digit}`, key: `${start} . ${port}` }))
    }),
  )
}
