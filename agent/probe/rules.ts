import { addressBytes, familyOf, type Family } from '#lib/domain/address.ts'
import { standIn, type NumberedWay } from './ways.ts'

/** Our tables, inside the namespace and outside; nothing else in a ruleset is ours. */
export const table = 'tangent-probes'

/** The mark of packets that leave as probes: they are no traffic of clients, and are not counted as such. */
export const probeMark = '0x7470726f'

/** How long it is remembered that a probe came back, in seconds: longer than any waits for its answer. At most this many VIPs and senders. */
export const loopedSeconds = 65
const loopedAtMost = 16_384

/** An interface and the veth pair to the namespace that belongs to it: both ends have the name `device`. */
export type Link = { interface: string; device: string }

/**
 * What the namespace does: a packet to a stand-in is marked with the way's number, the VIP takes the stand-in's place, and on its
 * way out the frame gets the backend's MAC. What has no way does not leave.
 */
export function insideFrame(): string {
  return `add table inet ${table}
add map inet ${table} marks4 { type ipv4_addr : mark; }
add map inet ${table} marks6 { type ipv6_addr : mark; }
add map inet ${table} vips4 { type ipv4_addr : ipv4_addr; }
add map inet ${table} vips6 { type ipv6_addr : ipv6_addr; }
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

/**
 * The appliance's side: what VIPs answer to its own addresses is handed to the namespace, and so is what routers say of packets to
 * VIPs. `quoted` holds VIPs as they stand in the packet that an ICMP error quotes.
 * A probe that comes back is noted with its sender in `looped` and dropped, also when that set is full: an engine would hand it to
 * another backend, whose answer would speak for the one that sent it on.
 */
export function outsideFrame(): string {
  return `add table netdev ${table}
add set netdev ${table} answers4 { type ipv4_addr . ipv4_addr; }
add set netdev ${table} answers6 { type ipv6_addr . ipv6_addr; }
add set netdev ${table} quoted4 { typeof @th,192,32; }
add set netdev ${table} quoted6 { typeof @th,256,128; }
add set netdev ${table} looped4 { type ipv4_addr . ether_addr; size ${loopedAtMost}; flags dynamic,timeout; timeout ${loopedSeconds}s; }
add set netdev ${table} looped6 { type ipv6_addr . ether_addr; size ${loopedAtMost}; flags dynamic,timeout; timeout ${loopedSeconds}s; }
add chain netdev ${table} looped
add rule netdev ${table} looped ip daddr . ip saddr @answers4 update @looped4 { ip daddr . ether saddr }
add rule netdev ${table} looped ip daddr . ip saddr @answers4 drop
add rule netdev ${table} looped ip6 daddr . ip6 saddr @answers6 update @looped6 { ip6 daddr . ether saddr }
add rule netdev ${table} looped ip6 daddr . ip6 saddr @answers6 drop
`
}

/**
 * Stands before all engines; nothing that is meant for them goes to an own address or comes from one. "Time exceeded" becomes an
 * error that nothing else brings (host unknown, parameter problem): it tells routers in a circle from a firewall. Each interface has
 * its own addresses: it also sees the packets of VLANs and others that are stacked on it, which are for their chains.
 */
export function outsideLink({ interface: iface, device }: Link): string {
  return `add set netdev ${table} own4-${device} { type ipv4_addr; }
add set netdev ${table} own6-${device} { type ipv6_addr; }
add chain netdev ${table} from-${device} { type filter hook ingress device "${device}" priority 0; policy drop; }
add rule netdev ${table} from-${device} meta protocol { ip, ip6 } meta mark set ${probeMark} fwd to "${iface}"
add chain netdev ${table} answer-${device}
add rule netdev ${table} answer-${device} ip saddr . ip daddr @answers4 fwd to "${device}"
add rule netdev ${table} answer-${device} ip6 saddr . ip6 daddr @answers6 fwd to "${device}"
add rule netdev ${table} answer-${device} icmp type time-exceeded @th,192,32 @quoted4 icmp type set destination-unreachable icmp code set 7 fwd to "${device}"
add rule netdev ${table} answer-${device} icmp type destination-unreachable @th,192,32 @quoted4 fwd to "${device}"
add rule netdev ${table} answer-${device} icmpv6 type time-exceeded @th,256,128 @quoted6 icmpv6 type set parameter-problem fwd to "${device}"
add rule netdev ${table} answer-${device} icmpv6 type destination-unreachable @th,256,128 @quoted6 fwd to "${device}"
add chain netdev ${table} to-${device} { type filter hook ingress device "${iface}" priority -300; }
add rule netdev ${table} to-${device} ip daddr @own4-${device} jump answer-${device}
add rule netdev ${table} to-${device} ip6 daddr @own6-${device} jump answer-${device}
add rule netdev ${table} to-${device} ip saddr @own4-${device} jump looped
add rule netdev ${table} to-${device} ip6 saddr @own6-${device} jump looped
`
}

/** Takes the appliance's side of a link away, in the order in which the kernel lets it go. */
export function outsideUnlink({ device }: Link): Array<readonly string[]> {
  return [...['to', 'from', 'answer'].map((name) => ['delete', 'chain', 'netdev', table, `${name}-${device}`]), ...['own4', 'own6'].map((name) => ['delete', 'set', 'netdev', table, `${name}-${device}`])]
}

/** What the appliance's side has in its sets: VIPs with the own address that asks them, as `VIP . address`, VIPs, and own addresses with the device that they are asked from. */
export type Answers = Record<'answers' | 'quoted', readonly string[]> & { own: ReadonlyArray<{ address: string; device: string }> }

export function outsideAnswers(removed: Answers, added: Answers): string {
  return [...answerElements('delete', removed), ...answerElements('add', added)].join('')
}

function answerElements(verb: 'add' | 'delete', { answers, quoted, own }: Answers): string[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const digit = family === 'ipv6' ? '6' : '4'
    const fits = (text: string): boolean => familyOf(text) === family
    return [
      ...elements(verb, 'netdev', `answers${digit}`, answers.filter(fits)),
      ...elements(verb, 'netdev', `quoted${digit}`, quoted.filter(fits).map((vip) => `0x${Buffer.from(addressBytes(vip)).toString('hex')}`)),
      ...own.filter(({ address }) => fits(address)).flatMap(({ address, device }) => elements(verb, 'netdev', `own${digit}-${device}`, [address])),
    ]
  })
}

function perFamily<T extends { source: string }>(list: readonly T[], print: (digit: '4' | '6', list: readonly T[]) => string[]): string[] {
  const of = (family: Family): T[] => list.filter(({ source }) => familyOf(source) === family)
  return [...print('4', of('ipv4')), ...print('6', of('ipv6'))]
}

function elements(verb: 'add' | 'delete', family: 'inet' | 'netdev', set: string, list: readonly string[]): string[] {
  return list.length === 0 ? [] : [`${verb} element ${family} ${table} ${set} { ${list.join(', ')} }\n`]
}
