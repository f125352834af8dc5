import { monitorOf, type Backend, type Farm } from '#lib/domain/farm.ts'
import type { Interface } from '#lib/domain/interface.ts'
import { defaultMonitor, monitorSchema, type Monitor } from '#lib/domain/monitor.ts'
import { portRanges } from '#lib/domain/ports.ts'
import { targetsOf } from '../health/targets.ts'
import type { ProbeTarget } from '../probe/target.ts'

/** Questions about services that one examination puts at most. */
const questionsAtMost = 4096

/** The longest time that one of them may wait for its answer, in seconds. */
const patience = 2

/**
 * The ports of a farm that are asked: those that stand for themselves, and of each range the first, the last and the one in the
 * middle; as many as `addresses` addresses leave room for. None when the farm has every port.
 */
export function portsToAsk({ ports, protocol }: Pick<Farm, 'ports' | 'protocol'>, addresses: number): { asked: number[]; of: number } {
  const ranges = portRanges(ports)
  const of = ranges.length === 0 ? 65535 : ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)
  const list = protocol === 'sctp' ? [] : ranges.flatMap(({ from, to }) => [from, to, Math.floor((from + to) / 2)])
  const room = Math.max(1, Math.floor(questionsAtMost / Math.max(1, addresses)))
  return { asked: [...new Set(list)].slice(0, room).sort((a, b) => a - b), of }
}

/** What a backend is asked about its service: with the monitor's own question first, then the other ports. */
export function questionsOf(farm: Farm, backend: Backend, iface: Interface, mac: string | null, ports: readonly number[]): ProbeTarget[] {
  const main = targetsOf(farm, backend, serviceMonitor(farm, backend), iface, mac)
  const type = farm.protocol === 'udp' ? ({ type: 'udp', send: '', timeout: 1 } as const) : ({ type: 'tcp', timeout: 1 } as const)
  const monitor = monitorSchema.parse(type)
  const others = backend.port !== null && farm.mode !== 'dsr' ? [] : ports
  return main.flatMap((target) => [target, ...others.filter((port) => port !== target.port).map((port) => ({ ...target, port, monitor }))])
}

/** An echo to every VIP through the backend. */
export function vipEchoesOf(farm: Farm, backend: Backend, iface: Interface, mac: string | null): ProbeTarget[] {
  return farm.mode === 'dsr' ? targetsOf(farm, backend, monitorSchema.parse({ type: 'icmp', timeout: 1 }), iface, mac).filter(({ path }) => path === 'vip') : []
}

/** The question that says most about the service: that of the monitor, unless it only looks whether the machine is there. */
function serviceMonitor(farm: Farm, backend: Backend): Monitor {
  const own = monitorOf(farm, backend)
  const monitor = own && own.type !== 'icmp' && own.type !== 'arp' ? own : defaultMonitor(farm)
  return { ...monitor, timeout: Math.min(monitor.timeout, patience) }
}
