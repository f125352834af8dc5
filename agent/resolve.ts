import { ejectedOf, rolesOf } from '#lib/domain/active.ts'
import { needsMac, vipsOf, type Backend, type Farm } from '#lib/domain/farm.ts'
import { fault, type Fault } from '#lib/domain/fault.ts'
import type { Fallen } from '#lib/domain/health.ts'
import { holds, interfaceOf, type Interface } from '#lib/domain/interface.ts'
import type { FarmObservation } from '#lib/domain/status.ts'
import { renderFarm, type NftlbFarm } from '#lib/render/nftlb.ts'
import type { Vip } from './vips.ts'

/** What is known of a neighbour; null when it was never asked for. */
export type MacLookup = (address: string, iface: string) => { mac: string | null; lost: boolean }

/** What is observed of a farm before engine and probes were asked. */
export type Observed = Omit<FarmObservation, 'applied' | 'engine' | 'handover' | 'backends'> & { backends: Array<Omit<FarmObservation['backends'][number], 'health'>> }

/** A farm put together with what the machine has: what the engine gets (null for nothing), its VIPs, and what is wrong. */
export type Resolved = { json: NftlbFarm | null; vips: Vip[]; observation: Observed; faults: Fault[] }

/**
 * Joins a wanted farm with interfaces, neighbours, its unhealthy backends and those that start slowly (`parts`, 0 to 1, of their share). A backend without a MAC gets no traffic where the MAC
 * is needed, nor does an unhealthy one; but when none is left, the last that answered stay in: losing the whole farm helps nobody.
 */
export function resolve(farm: Farm, interfaces: readonly Interface[], lookup: MacLookup, fallen: ReadonlyMap<string, Fallen>, parts: ReadonlyMap<string, number>): Resolved {
  const iface = interfaceOf(farm, interfaces)
  if (farm.adminState === 'disabled') return { json: null, vips: [], observation: observe(farm, iface?.name ?? null), faults: [] }
  if (!iface) {
    const missing = farm.interface === null ? fault('vip-off-subnet', `${farm.vip} is in none of the appliance's subnets.`, { farm: farm.name }) : fault('interface-missing', `There is no interface ${farm.interface}.`, { farm: farm.name })
    return { json: null, vips: [], observation: observe(farm, farm.interface), faults: [missing] }
  }
  const { macs, silent, faults } = macsOf(farm, iface, lookup)
  const reachable = ({ name }: Backend): boolean => !needsMac(farm.mode) || (macs.has(name) && !silent.has(name))
  const { out, kept } = ejectedOf(farm, reachable, fallen)
  const roles = rolesOf(farm, (backend) => reachable(backend) && !out.has(backend.name))
  const rendered = renderFarm(farm, { interface: iface, roles, macs, parts })
  const backends = rendered.backends.filter((backend) => !needsMac(farm.mode) || rendered.scheduler === 'maglev' || backend['ether-addr'] !== undefined)
  const active = [...roles].filter(([, role]) => role === 'active').map(([name]) => name)
  const down = iface.up ? [] : [fault('interface-down', `${iface.name} is down.`, { farm: farm.name })]
  const fragments = losesFragments(farm) ? [fault('fragments-lost', `Fragments carry no port, and engine nftlb sends by port: ${farm.name} loses datagrams that do not fit into one packet.`, { farm: farm.name })] : []
  const none = active.length === 0 && farm.backends.length > 0 ? [fault('no-active-backend', `${farm.name} answers nobody new.`, { farm: farm.name })] : []
  const all = kept.length > 0 ? [fault('all-unhealthy', `${farm.name} keeps ${kept.length > 3 ? `the ${kept.length} backends that failed last` : `${kept.join(', ')}, which failed last`}.`, { farm: farm.name })] : []
  return {
    json: { ...rendered, backends },
    vips: vipsOf(farm).map((address) => ({ address, interface: iface.name })),
    observation: observe(farm, iface.name, active, macs),
    faults: [...faults, ...down, ...none, ...all, ...fragments],
  }
}

/** nftlb's DSR rules look for ports, which only the first fragment has. Measured: of datagrams of 1,473 bytes none is answered. */
function losesFragments({ mode, scheduler, protocol, ports }: Farm): boolean {
  return mode === 'dsr' && scheduler !== 'maglev' && (protocol === 'udp' || protocol === 'all') && ports.length > 0
}

function macsOf(farm: Farm, iface: Interface, lookup: MacLookup): { macs: Map<string, string>; silent: Set<string>; faults: Fault[] } {
  const macs = new Map<string, string>()
  const silent = new Set<string>()
  const faults: Fault[] = []
  if (!needsMac(farm.mode)) return { macs, silent, faults }
  for (const backend of farm.backends) {
    const about = { farm: farm.name, backend: backend.name }
    const found = backend.mac ? { mac: backend.mac, lost: false } : lookup(backend.address, iface.name)
    if (found.mac) macs.set(backend.name, found.mac)
    if (found.mac && found.lost) silent.add(backend.name)
    if (!holds(iface, backend.address)) faults.push(fault('backend-off-subnet', `${backend.address} is not in a subnet of ${iface.name}.`, about))
    else if (backend.adminState !== 'disabled' && (!found.mac || found.lost)) faults.push(fault('backend-mac-unknown', `${backend.address} does not answer on ${iface.name}.`, about))
  }
  const answering = farm.backends.some((backend) => backend.adminState === 'enabled' && macs.has(backend.name) && !silent.has(backend.name))
  if (!answering && farm.backends.some((backend) => backend.adminState === 'enabled' && silent.has(backend.name))) {
    silent.clear()
    faults.push(fault('backend-lost', `${farm.name} keeps the backends that answered last.`, { farm: farm.name }))
  }
  return { macs, silent, faults }
}

function observe(farm: Farm, iface: string | null, active: readonly string[] = [], macs: ReadonlyMap<string, string> = new Map()): Observed {
  return { name: farm.name, interface: iface, backends: farm.backends.map(({ name, mac }) => ({ name, active: active.includes(name), mac: macs.get(name) ?? mac })) }
}
