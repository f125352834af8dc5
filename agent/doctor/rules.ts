import { addressBytes, familyOf } from '#lib/domain/address.ts'
import { elsewhere } from './frames.ts'

/** Our table; nothing else in a ruleset is ours. */
export const table = 'tangent-doctor'

/** How long the kernel remembers what it heard, in seconds; and that an address is asked for. */
export const memorySeconds = 30
const askingSeconds = 10

const memory = `flags dynamic,timeout; timeout ${memorySeconds}s; size 4096;`

/** Sets that the agent fills; `targets6` has IPv6 addresses as they stand in a packet. */
export const filledSets = ['vips4', 'vips6', 'targets6', 'own4', 'own6'] as const
export type FilledSet = (typeof filledSets)[number]

/**
 * The table without hooks. `answers` and `asks` remember who spoke in the name of a VIP or, while it is asked for, of a backend. An
 * answer to nobody's ARP question about a backend ends here: no cache of the appliance learns from the doctor.
 */
export function frameRules(): string {
  const add = `add set netdev ${table}`
  return `add table netdev ${table}
${add} vips4 { type ipv4_addr; }
${add} vips6 { type ipv6_addr; }
${add} targets6 { typeof @th,64,128; }
${add} own4 { type ipv4_addr; }
${add} own6 { type ipv6_addr; }
${add} asked4 { type ipv4_addr; flags timeout; timeout ${askingSeconds}s; }
${add} asked6 { typeof @th,64,128; flags timeout; timeout ${askingSeconds}s; }
${add} answers4 { type ipv4_addr . ether_addr; ${memory} }
${add} answers6 { typeof @th,64,128 . ether saddr; ${memory} }
${add} asks4 { type ipv4_addr . ether_addr; ${memory} }
${add} asks6 { type ipv6_addr . ether_addr; ${memory} }
${add} returned { type ether_addr; ${memory} }
${add} strays { type ether_addr; ${memory} counter; }
add chain netdev ${table} speech
add rule netdev ${table} speech arp operation request arp saddr ip @vips4 update @asks4 { arp saddr ip . arp saddr ether }
add rule netdev ${table} speech arp operation reply arp saddr ip @vips4 update @answers4 { arp saddr ip . arp saddr ether }
add rule netdev ${table} speech arp operation reply arp saddr ip @asked4 update @answers4 { arp saddr ip . arp saddr ether }
add rule netdev ${table} speech arp operation reply arp saddr ip @asked4 arp daddr ip 0.0.0.0 drop
add chain netdev ${table} neighbours
add rule netdev ${table} neighbours icmpv6 type nd-neighbor-advert @th,64,128 @targets6 update @answers6 { @th,64,128 . ether saddr }
add rule netdev ${table} neighbours icmpv6 type nd-neighbor-advert @th,64,128 @asked6 update @answers6 { @th,64,128 . ether saddr }
add rule netdev ${table} neighbours icmpv6 type nd-neighbor-solicit ip6 saddr @vips6 update @asks6 { ip6 saddr . ether saddr }
`
}

/** What every interface always has: packets that are neither ARP nor ICMPv6 meet two comparisons. */
export function listenRules(iface: string): string {
  return `add chain netdev ${table} on-${iface} { type filter hook ingress device "${iface}" priority -310; }
add rule netdev ${table} on-${iface} meta protocol arp jump speech
add rule netdev ${table} on-${iface} meta l4proto ipv6-icmp jump neighbours
`
}

/** What an interface has during an examination: who sends replies of VIPs, or of an echo from another network, to the appliance. */
export function watchRules(iface: string): string {
  const chain = `netdev ${table} away-${iface}`
  return `add chain ${chain} { type filter hook ingress device "${iface}" priority -311; }
add rule ${chain} meta pkttype host ip daddr ${elsewhere.ipv4} icmp type echo-reply update @returned { ether saddr } drop
add rule ${chain} meta pkttype host ip6 daddr ${elsewhere.ipv6} icmpv6 type echo-reply update @returned { ether saddr } drop
add rule ${chain} meta pkttype host ip saddr @vips4 ip daddr != @own4 update @strays { ether saddr }
add rule ${chain} meta pkttype host ip6 saddr @vips6 ip6 daddr != @own6 update @strays { ether saddr }
`
}

export function dropChain(chain: string): string {
  return `delete chain netdev ${table} ${chain}\n`
}

/** Adds addresses to a set, or takes them out. */
export function changeSet(verb: 'add' | 'delete', set: FilledSet | 'asked4' | 'asked6', addresses: readonly string[]): string {
  if (addresses.length === 0) return ''
  const raw = set === 'targets6' || set === 'asked6'
  return `${verb} element netdev ${table} ${set} { ${addresses.map((address) => (raw ? rawOf(address) : address)).join(', ')} }\n`
}

/** The set in which a backend is while it is asked for. */
export function askedSet(address: string): 'asked4' | 'asked6' {
  return familyOf(address) === 'ipv6' ? 'asked6' : 'asked4'
}

export function rawOf(address: string): string {
  return `0x${Buffer.from(addressBytes(address)).toString('hex')}`
}
