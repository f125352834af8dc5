import type { Shape } from './shape.ts'

// Raw payload throughout: it costs no test of the protocol, which the dispatch has made already, and it reads the packet
// inside an ICMP error with the same words. Offsets and lengths are in bits: RFC 791, RFC 8200, RFC 9293.
const packetFields = {
  4: { srcip: '@nh,96,32', dstip: '@nh,128,32', srcport: '@th,0,16', dstport: '@th,16,16' },
  6: { srcip: '@nh,64,128', dstip: '@nh,192,128', srcport: '@th,0,16', dstport: '@th,16,16' },
} as const

/** The same fields of the client's packet, read from a backend's reply inside an ICMP error: there the client is the destination. */
const errorFields = {
  4: { srcip: '@nh,352,32', dstip: '@nh,320,32', srcport: '@nh,400,16', dstport: '@nh,384,16' },
  6: { srcip: '@nh,576,128', dstip: '@nh,448,128', srcport: '@nh,720,16', dstport: '@nh,704,16' },
} as const

const flowTokens = ['srcip', 'dstip', 'srcport', 'dstport'] as const
const wide = 4_294_967_295

export type Source = 'packet' | 'error'

/** The slot of a packet: `jhash … mod size seed …`. The seed is fixed, so that it is the same on every appliance and after every reload. */
export function slotExpression(shape: Shape, source: Source): string {
  const fields = fieldsOf(shape.family, source)
  const input = flowTokens.filter((token) => shape.tokens.includes(token)).map((token) => fields[token])
  return `jhash ${input.join(' . ')} mod ${shape.size} seed 0x${shape.seed.toString(16)}`
}

/**
 * A connection as 64 bits of hash. libnftables 1.0.6 ends on a dynamic map whose key holds an IPv6 address and a port, and two
 * connections of a handover with the same 64 bits are not to be expected.
 */
export function flowExpression(family: 4 | 6, source: Source): string {
  const fields = fieldsOf(family, source)
  return twice(flowTokens.map((token) => fields[token]).join(' . '))
}

/** The fragments of a datagram: addresses, protocol and identification (RFC 791 section 3.2, RFC 8200 section 4.5). */
export function fragmentExpression(family: 4 | 6): string {
  return twice(family === 4 ? '@nh,96,32 . @nh,128,32 . @nh,32,16 . @nh,72,8' : '@nh,64,128 . @nh,192,128 . frag id')
}

/** Matches the first fragment of a datagram, which is the only one with ports. */
export function firstFragment(family: 4 | 6): string {
  return family === 4 ? '@nh,48,16 & 0x3fff == 0x2000' : 'frag more-fragments 1 frag frag-off 0'
}

/** Matches a TCP segment that opens a connection: SYN without ACK, RST or FIN (RFC 9293 section 3.5). */
export const opensTcp = '@th,104,8 & 0x17 == 0x2'

/** Matches an SCTP packet that opens an association: its first chunk is INIT (RFC 9260 section 3.3.2). */
export const opensSctp = '@th,96,8 0x1'

function fieldsOf(family: 4 | 6, source: Source): Record<(typeof flowTokens)[number], string> {
  return source === 'packet' ? packetFields[family] : errorFields[family]
}

function twice(input: string): string {
  return [1, 2].map((seed) => `jhash ${input} mod ${wide} seed 0x${seed}`).join(' . ')
}
