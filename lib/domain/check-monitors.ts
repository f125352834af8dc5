import type { Draft } from './draft.ts'
import { needsMac, type Farm } from './farm.ts'
import type { Monitor } from './monitor.ts'
import { pointerOf, type Problem } from './problem.ts'

/** Rules about the monitors of a farm and its backends, and about what follows from their verdicts. */
export function checkMonitors(draft: Draft): Problem[] {
  const own = draft.backends.flatMap(({ monitor, port }, index) => (monitor ? about(draft, monitor, ['backends', index, 'monitor'], typeof port === 'number') : []))
  return [...(draft.monitor ? about(draft, draft.monitor, ['monitor'], portsOfBackends(draft)) : []), ...own, ...slowStart(draft)]
}

/** Outside modes dsr and stateless-dnat a backend may have a port of its own, which its probes take. */
function portsOfBackends({ backends }: Draft): boolean {
  return backends.length > 0 && backends.every(({ port }) => typeof port === 'number')
}

function about(draft: Draft, monitor: Monitor, path: PropertyKey[], hasPort: boolean): Problem[] {
  const at = (field: string): string => pointerOf([...path, field])
  return [...late(monitor, at), ...wherePossible(draft, monitor, at), ...port(draft, monitor, at, hasPort)]
}

function late({ timeout, interval }: Monitor, at: (field: string) => string): Problem[] {
  if (timeout <= interval) return []
  return [{ pointer: at('timeout'), code: 'monitor-timeout', message: `A probe would still wait when the next one is due: ${timeout} seconds are more than the interval of ${interval}.`, hint: `Use ${interval} seconds or less, or a longer interval.` }]
}

function wherePossible({ mode }: Draft, { type, paths }: Monitor, at: (field: string) => string): Problem[] {
  if (mode === undefined) return []
  if (type === 'arp' && !needsMac(mode)) return [{ pointer: at('type'), code: 'monitor-arp', message: `In mode ${mode} backends need not be in the appliance's network, where alone ARP works.`, hint: 'Use tcp or icmp.' }]
  if (type === 'arp' && paths !== 'rip') return [{ pointer: at('paths'), code: 'monitor-arp-vip', message: 'No backend may answer ARP for the VIP, so only its own address can be asked.', hint: 'Use paths rip, or another type, such as tcp.' }]
  if (mode !== 'dsr' && paths !== 'rip') return [{ pointer: at('paths'), code: 'monitor-vip-needs-dsr', message: `In mode ${mode} backends do not have the VIP, so only their own address can be asked.`, hint: 'Use paths rip.' }]
  return []
}

const carried: Record<Monitor['type'], Farm['protocol'] | null> = { tcp: 'tcp', http: 'tcp', https: 'tcp', dns: 'udp', udp: 'udp', icmp: null, arp: null }

/** A monitor without a port of its own asks the first port of the farm, which must be one of the monitor's protocol. */
function port({ protocol, ports }: Draft, monitor: Monitor, at: (field: string) => string, hasPort: boolean): Problem[] {
  const needed = carried[monitor.type]
  if (needed === null || !('port' in monitor) || monitor.port !== null || protocol === undefined || !ports) return []
  if (protocol !== needed && protocol !== 'all') {
    return [{ pointer: at('port'), code: 'monitor-protocol', message: `The ports of this farm are ${protocol.toUpperCase()}, and a monitor of type ${monitor.type} speaks ${needed.toUpperCase()}.`, hint: `Name the ${needed.toUpperCase()} port to ask, or use another type, such as ${protocol === 'tcp' ? 'tcp' : 'icmp'}.` }]
  }
  if (ports.length > 0 || hasPort) return []
  return [{ pointer: at('port'), code: 'monitor-needs-port', message: 'The farm serves every port, so nothing says which one to ask.', hint: 'Name a port, or use type icmp.' }]
}

/** Only Maglev gives a backend part of its share without touching anybody else's connections, and of UDP not even that. */
function slowStart(draft: Draft): Problem[] {
  const { slowStart: seconds, scheduler, protocol } = draft
  if (seconds === undefined || seconds === 0 || scheduler === undefined || protocol === undefined) return []
  if (scheduler === 'maglev' && protocol !== 'udp') return []
  const message = scheduler === 'maglev' ? 'Each step of a slow start would move flows of UDP to another backend.' : `With scheduler ${scheduler} each step of a slow start would move connections to another backend.`
  return [{ pointer: '/slowStart', code: 'slow-start-moves', message, hint: 'Use 0 here, or scheduler maglev with protocol tcp.' }]
}
