import type { NftlbBackend, NftlbFarm } from '#lib/render/nftlb.ts'
import { shown } from '../nftlb/impact.ts'

const words = {
  'virtual-addr': (value: string) => `the VIP is ${value}`,
  'virtual-ports': (value: string) => `the ports are ${value || 'all'}`,
  protocol: (value: string) => `the protocol is ${value}`,
  'sched-param': (value: string) => `the hash looks at ${value}`,
  slots: (value: string) => `the table has ${value} slots`,
  iface: (value: string) => `the interface is ${value}`,
  'ether-addr': (value: string) => `the appliance's MAC is ${value}`,
  'handover-period': (value: string) => `a handover lasts ${value} s at most`,
  'handover-size': (value: string) => `a handover remembers ${value} connections`,
} as const
const states = { up: 'gets new clients', off: 'gets no new clients', down: 'is out' } as const

/** What differs between two versions of a farm, in words. */
export function changes(before: NftlbFarm | null, after: NftlbFarm): string {
  if (!before) return 'it was found in the kernel'
  const attributes = (Object.keys(words) as Array<keyof typeof words>).filter((key) => before[key] !== after[key]).map((key) => words[key](after[key] ?? ''))
  const vips = (farm: NftlbFarm): string => (farm.addresses ?? []).map((address) => address['ip-addr']).join(', ')
  const additional = vips(before) === vips(after) ? [] : [`additional VIPs: ${vips(after) || 'none'}`]
  const gone = before.backends.filter(({ name }) => !after.backends.some((one) => one.name === name)).map(({ name }) => `${shown(name)} is removed`)
  const touched = after.backends.flatMap((backend) => backendChange(before.backends.find((one) => one.name === backend.name), backend))
  return [...attributes, ...additional, ...gone, ...touched].join('; ') || 'nothing that packets see'
}

function backendChange(before: NftlbBackend | undefined, after: NftlbBackend): string[] {
  if (!before) return [`${shown(after.name)} is added`]
  const parts = [
    before.state !== after.state && states[after.state],
    before.part !== after.part && (after.part === undefined ? 'has its whole share' : `has ${after.part} % of its share`),
    before.weight !== after.weight && `has weight ${after.weight}`,
    before['ip-addr'] !== after['ip-addr'] && `has address ${after['ip-addr']}`,
    before['ether-addr'] !== after['ether-addr'] && (after['ether-addr'] ? `has MAC ${after['ether-addr']}` : 'has no known MAC'),
  ].filter(Boolean)
  return parts.length > 0 ? [`${shown(after.name)} ${parts.join(', ')}`] : []
}
