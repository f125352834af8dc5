/** The own table of this engine, in family netdev. */
export const table = 'tangent'

/** Priority of the ingress hooks: before nftlb (101) and its guard (91), so that a farm can move between the engines. */
export const priority = 80

/** A backend, or a farm as a whole, in the kernel's maps: a packet mark, never 0. */
export type Id = number

/** Protocols that a rule must tell apart: of `all` it is found out packet by packet. */
export type Kind = 'tcp' | 'udp' | 'sctp' | 'all'

/** Global sets: who was sent how much, who opened how many connections, who still gets old ones, who could be sent nothing. */
export const countingSets = ['sent', 'connections', 'older', 'unsent'] as const
export type CountingSet = (typeof countingSets)[number]

/** Global maps that lead from a packet, or from the packet inside an ICMP error, to the chain of a farm. */
export const dispatchMaps = [
  'ports4', 'ranges4', 'vips4', 'errors4', 'errorranges4', 'errorvips4',
  'ports6', 'ranges6', 'vips6', 'errors6', 'errorranges6', 'errorvips6',
] as const
export type DispatchMap = (typeof dispatchMaps)[number]

/** Room in the global maps: 1,000 farms with 256 backends each fit. */
export const idRoom = 262_144

export const sendKinds = ['tcp', 'other', 'all', 'error'] as const
export type SendKind = (typeof sendKinds)[number]

/** The chain that sends a packet to the backend in its mark, out of an interface. */
export function sendChain(kind: SendKind, family: 4 | 6, iface: string): string {
  return kind === 'error' ? `send-error-${iface}` : `send-${kind}${family}-${iface}`
}

export function ingressChain(iface: string): string {
  return `in-${iface}`
}

/** The chain for what the exact ports did not match. */
export function restChain(iface: string): string {
  return `rest-${iface}`
}
