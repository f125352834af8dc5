import { addressBytes, familyOf } from '#lib/domain/address.ts'

/** One direction of a connection. Both addresses are of one family. */
export type Flow = { from: string; fromPort: number; to: string; toPort: number }

const [tcp, icmp, icmpv6] = [6, 1, 58]

/** An IP packet that opens a TCP connection, with valid checksums (RFC 9293). */
export function synPacket(flow: Flow): Buffer {
  const segment = tcpHeader(flow)
  segment.writeUInt16BE(checksum(segment, pseudoHeader(flow, tcp, segment.length)), 16)
  return ipPacket(flow, tcp, segment)
}

/**
 * What `router` sends back when a packet of the flow does not fit through its next link: ICMP fragmentation needed (RFC 1191) or
 * ICMPv6 packet too big (RFC 8201). It goes to the sender of that packet and quotes the packet's beginning.
 */
export function tooBigPacket(flow: Flow, router: string, mtu: number): Buffer {
  const six = familyOf(flow.to) === 'ipv6'
  const quoted = ipPacket(flow, tcp, tcpHeader(flow))
  const message = Buffer.concat([Buffer.alloc(8), quoted])
  message.set(six ? [2, 0] : [3, 4])
  if (six) message.writeUInt32BE(mtu, 4)
  else message.writeUInt16BE(mtu, 6)
  const back = { from: router, fromPort: 0, to: flow.from, toPort: 0 }
  message.writeUInt16BE(checksum(message, six ? pseudoHeader(back, icmpv6, message.length) : Buffer.alloc(0)), 2)
  return ipPacket(back, six ? icmpv6 : icmp, message)
}

/**
 * A neighbour solicitation (RFC 4861) for `target`: to its multicast group, or to the address itself when `unicast`. From `::` it
 * is that of somebody who wants the address for himself, and has no link-layer address in it.
 */
export function solicitationPacket({ target, from, mac, unicast }: { target: string; from: string; mac: readonly number[]; unicast: boolean }): Buffer {
  const message = Buffer.from([135, 0, 0, 0, 0, 0, 0, 0, ...addressBytes(target), ...(from === '::' ? [] : [1, 1, ...mac])])
  const [high = 0, ...low] = addressBytes(target).slice(-3)
  const group = `ff02::1:ff${hex(high)}:${low.map(hex).join('')}`
  const flow = { from, fromPort: 0, to: unicast ? target : group, toPort: 0 }
  message.writeUInt16BE(checksum(message, pseudoHeader(flow, icmpv6, message.length)), 2)
  return ipPacket(flow, icmpv6, message, 255)
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

function tcpHeader({ fromPort, toPort }: Flow): Buffer {
  const header = Buffer.alloc(20)
  header.writeUInt16BE(fromPort, 0)
  header.writeUInt16BE(toPort, 2)
  header.writeUInt32BE(fromPort * 7919, 4)
  // Five words of header, the flag SYN, a window.
  header.set([0x50, 0x02, 0xff, 0xff], 12)
  return header
}

function ipPacket({ from, to }: Flow, protocol: number, payload: Buffer, hops = 64): Buffer {
  const addresses = [...addressBytes(from), ...addressBytes(to)]
  if (familyOf(to) === 'ipv6') {
    const header = Buffer.from([0x60, 0, 0, 0, 0, 0, protocol, hops, ...addresses])
    header.writeUInt16BE(payload.length, 4)
    return Buffer.concat([header, payload])
  }
  const header = Buffer.from([0x45, 0, 0, 0, 0, 0, 0x40, 0, hops, protocol, 0, 0, ...addresses])
  header.writeUInt16BE(header.length + payload.length, 2)
  header.writeUInt16BE(checksum(header, Buffer.alloc(0)), 10)
  return Buffer.concat([header, payload])
}

function pseudoHeader({ from, to }: Flow, protocol: number, length: number): Buffer {
  const tail = Buffer.alloc(4)
  tail.writeUInt16BE(length, 2)
  tail.writeUInt8(protocol, 1)
  return Buffer.concat([Buffer.from([...addressBytes(from), ...addressBytes(to)]), tail])
}

/** The Internet checksum (RFC 1071) over both parts. */
function checksum(bytes: Buffer, pseudo: Buffer): number {
  let sum = 0
  for (const part of [pseudo, bytes]) for (let i = 0; i < part.length; i += 2) sum += (part[i] ?? 0) * 256 + (part[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
