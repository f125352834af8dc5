import { familyOf, inSubnet } from '#lib/domain/address.ts'
import { monitorOf, needsMac, vipsOf, type AdminState, type Backend, type Farm } from '#lib/domain/farm.ts'
import { holds, interfaceOf, type Interface } from '#lib/domain/interface.ts'
import type { Monitor } from '#lib/domain/monitor.ts'
import { portRanges } from '#lib/domain/ports.ts'
import type { ProbeTarget } from '../probe/target.ts'

/** One address that a backend is asked at. `link`: whether the interface to it is up; while it is not, silence is none of the backend. */
export type Asked = { backend: string; adminState: AdminState; target: ProbeTarget; link: boolean }

/**
 * What is asked of a farm's backends, disabled ones left out: the own address of each, and in mode dsr every VIP through it. The
 * way to a VIP is null as long as the backend's MAC is unknown.
 */
export function askedOf(farm: Farm, interfaces: readonly Interface[], macOf: (address: string, iface: string) => string | null): Asked[] {
  const iface = interfaceOf(farm, interfaces)
  if (farm.adminState === 'disabled' || !iface) return []
  return farm.backends.flatMap((backend) => {
    const monitor = monitorOf(farm, backend)
    if (!monitor || backend.adminState === 'disabled') return []
    const link = (interfaces.find((one) => holds(one, backend.address)) ?? iface).up
    return targetsOf(farm, backend, monitor, iface, backend.mac ?? macOf(backend.address, iface.name)).map((target) => ({ backend: backend.name, adminState: backend.adminState, target, link }))
  })
}

/** What one backend is asked with this monitor: its own address first, and in mode dsr every VIP through it. */
export function targetsOf(farm: Farm, backend: Backend, monitor: Monitor, iface: Interface, mac: string | null): ProbeTarget[] {
  const own = needsMac(farm.mode) ? null : backend.port
  const target = (path: ProbeTarget['path'], address: string, port: number | null, via: ProbeTarget['via']): ProbeTarget => ({ id: `${farm.name}/${backend.name}/${path}/${address}`, path, address, port, monitor, via })
  const rip = target('rip', backend.address, portOf(farm, monitor, own), null)
  if (farm.mode !== 'dsr' || monitor.type === 'arp') return [rip]
  const vips = vipsOf(farm)
  const source = iface.addresses.find((one) => familyOf(one.address) === familyOf(backend.address) && inSubnet(backend.address, one.address, one.prefix) && !vips.includes(one.address))?.address
  const via = mac && source ? { interface: iface.name, mac, source } : null
  return [rip, ...vips.map((vip) => target('vip', vip, portOf(farm, monitor, null), via))]
}

/** The port of a probe: that of the monitor, else the backend's own, else the first one of the farm. */
function portOf({ ports }: Farm, monitor: Monitor, own: number | null): number | null {
  if (!('port' in monitor)) return null
  return monitor.port ?? own ?? portRanges(ports)[0]?.from ?? null
}
