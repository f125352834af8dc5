import type { NftlbBackend, NftlbFarm } from '#lib/render/nftlb.ts'
import { shown } from '../nftlb/impact.ts'

const words = {
  'virtual-addr': 'the VIP is', 'virtual-ports': 'the ports are', protocol: 'the protocol is', 'sched-param': 'the hash looks at', slots: 'the slots are',
  iface: 'the interface is', 'ether-addr': "the appliance's MAC is", 'handover-period': 'a handover lasts at most (s)', 'handover-size': 'connections remembered in a handover:',
} as const
const states = { up: 'gets new clients', off: 'gets no new clients', down: 'is out' } as const

/** What differs between two versions of a farm, in words. */
export function changes(before: NftlbFarm | null, after: NftlbFarm): string {
  if (!before) return 'it was found in the kernel'
  const attributes = (Object.keys(words) as Array<keyof typeof words>).filter((key) => before[key] !== after[key]).map((key) => `${words[key]} ${after[key] === '' ? 'all' : after[key]}`)
  const vips = (farm: NftlbFarm): string => (farm.addresses ?? []).map((address) => address['ip-addr']).join(', ')
  const further = vips(before) === vips(after) ? [] : [`further VIPs: ${vips(after) || 'none'}`]
  const gone = before.backends.filter(({ name }) => !after.backends.some((one) => one.name === name)).map(({ name }) => `${shown(name)} is removed`)
  const touched = after.backends.flatMap((backend) => backendChange(before.backends.find((one) => one.name === backend.name), backend))
  return [...attributes, ...further, ...gone, ...touched].join('; ') || 'nothing that packets see'
}

function backendChange(before: NftlbBackend | undefined, after: NftlbBackend): string[] {
  if (!before) return [`${shown(after.name)} is added`]
  const parts = [
    before.state !== after.state && states[after.state],
    before.weight !== after.weight && `has weight ${after.weight}`,
    before['ip-addr'] !== after['ip-addr'] && `has address ${after['ip-addr']}`,
    before['ether-addr'] !== after['ether-addr'] && (after['ether-addr'] ? `has MAC ${after['ether-addr']}` : 'has no known MAC'),
  ].filter(Boolean)
  return parts.length > 0 ? [`${shown(after.name)} ${parts.join(', ')}`] : []
}
