import { familyOf, type Family } from '#lib/domain/address.ts'
import { standIn, type NumberedWay } from './ways.ts'

/** Our table, both inside the namespace and outside; nothing else in a ruleset is ours. */
export const table = 'tangent_probe'

/** Ethernet devices that belong together: `device` is the name of both ends of the veth pair. */
export type Link = { interface: string; device: string }

/**
 * What the namespace does: a packet to a stand-in is marked with the way's number, the VIP takes the stand-in's place, and on its
 * way out the frame gets the backend's MAC. What has no way does not leave.
 */
export function insideFrame(): string {
  return `add table inet ${table}
add map inet ${table} vips4 { type ipv4_addr : ipv4_addr; }
add map inet ${table} vips6 { type ipv6_addr : ipv6_addr; }
add map inet ${table} marks4 { type ipv4_addr : mark; }
add map inet ${table} marks6 { type ipv6_addr : mark; }
add chain inet ${table} stamp { type route hook output priority mangle; }
add rule inet ${table} stamp meta mark set ip daddr map @marks4
add rule inet ${table} stamp meta mark set ip6 daddr map @marks6
add chain inet ${table} aim { type nat hook output priority -100; }
add rule inet ${table} aim dnat ip to ip daddr map @vips4
add rule inet ${table} aim dnat ip6 to ip6 daddr map @vips6
add table netdev ${table}
add map netdev ${table} macs { type mark : ether_addr; }
`
}

export function insideLink({ device }: Link): string {
  return `add chain netdev ${table} ${device} { type filter hook egress device "${device}" priority 0; policy drop; }
add rule netdev ${table} ${device} ether daddr set meta mark map @macs accept
`
}

/** Takes ways away and adds others, element by element. */
export function insideWays(removed: readonly NumberedWay[], added: readonly NumberedWay[]): string {
  return [
    ...elements('delete', 'netdev', 'macs', removed.map(({ number }) => String(number))),
    ...perFamily(removed, (digit, ways) => ['marks', 'vips'].flatMap((map) => elements('delete', 'inet', `${map}${digit}`, ways.map(standIn)))),
    ...elements('add', 'netdev', 'macs', added.map(({ number, mac }) => `${number} : ${mac}`)),
    ...perFamily(added, (digit, ways) => [
      ...elements('add', 'inet', `marks${digit}`, ways.map((way) => `${standIn(way)} : ${way.number}`)),
      ...elements('add', 'inet', `vips${digit}`, ways.map((way) => `${standIn(way)} : ${way.vip}`)),
    ]),
  ].join('')
}

/** A VIP that is asked from an own address. */
export type Pair = { vip: string; source: string }

/** The appliance's side: what the VIPs answer to its own addresses is handed to the namespace. */
export function outsideFrame(): string {
  return `add table netdev ${table}
add set netdev ${table} answers4 { type ipv4_addr . ipv4_addr; }
add set netdev ${table} answers6 { type ipv6_addr . ipv6_addr; }
`
}

/** Before all engines; nothing that is meant for them comes from a VIP. */
export function outsideLink({ interface: iface, device }: Link): string {
  return `add chain netdev ${table} from-${device} { type filter hook ingress device "${device}" priority 0; policy drop; }
add rule netdev ${table} from-${device} meta protocol { ip, ip6 } fwd to "${iface}"
add chain netdev ${table} to-${device} { type filter hook ingress device "${iface}" priority -300; }
add rule netdev ${table} to-${device} ip saddr . ip daddr @answers4 fwd to "${device}"
add rule netdev ${table} to-${device} ip6 saddr . ip6 daddr @answers6 fwd to "${device}"
`
}

export function outsidePairs(removed: readonly Pair[], added: readonly Pair[]): string {
  const printed = ({ vip, source }: Pair): string => `${vip} . ${source}`
  return [
    ...perFamily(removed, (digit, pairs) => elements('delete', 'netdev', `answers${digit}`, pairs.map(printed))),
    ...perFamily(added, (digit, pairs) => elements('add', 'netdev', `answers${digit}`, pairs.map(printed))),
  ].join('')
}

function perFamily<T extends { source: string }>(list: readonly T[], print: (digit: '4' | '6', list: readonly T[]) => string[]): string[] {
  const of = (family: Family): T[] => list.filter(({ source }) => familyOf(source) === family)
  return [...print('4', of('ipv4')), ...print('6', of('ipv6'))]
}

function elements(verb: 'add' | 'delete', family: 'inet' | 'netdev', set: string, list: readonly string[]): string[] {
  return list.length === 0 ? [] : [`${verb} element ${family} ${table} ${set} { ${list.join(', ')} }\n`]
}
