import { addressBytes, familyOf } from '#lib/domain/address.ts'

/** Every frame is filled up to this many bytes; what stands behind a packet's own length is no part of it. */
export const frameLength = 128

/** Where an echo of another network comes from: addresses for benchmarks, which nobody has (RFC 2544, RFC 5180). */
export const elsewhere = { ipv4: '198.19.255.254', ipv6: '2001:2:0:ffff::ffff' } as const

const broadcast = 'ff:ff:ff:ff:ff:ff'
const types = { arp: 0x0806, ipv4: 0x0800, ipv6: 0x86dd } as const
const [icmp, icmpv6] = [1, 58]

/**
 * Asks everybody for the MAC address of an address. Over IPv4 nobody is the sender (RFC 5227), so that no cache learns from it; over
 * IPv6 the own address is, so that the answer goes to nobody else (RFC 4861, 7.2.4).
 */
export function questionFrame(address: string, own: { mac: string; source: string }): Buffer {
  if (familyOf(address) === 'ipv4') {
    return frame(broadcast, own.mac, types.arp, Buffer.from([0, 1, 8, 0, 6, 4, 0, 1, ...macBytes(own.mac), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...addressBytes(address)]))
  }
  const tail = addressBytes(address).slice(-3)
  const group = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...tail]
  const message = Buffer.from([135, 0, 0, 0, 0, 0, 0, 0, ...addressBytes(address), 1, 1, ...macBytes(own.mac)])
  return frame(hex([0x33, 0x33, 0xff, ...tail]), own.mac, types.ipv6, packetV6(addressBytes(own.source), group, message, 255))
}

/** An ICMP echo to a backend, in a frame like those of traffic, from another network. */
export function echoFrame(address: string, mac: string, ownMac: string): Buffer {
  const family = familyOf(address)
  const [from, to] = [addressBytes(elsewhere[family]), addressBytes(address)]
  const message = Buffer.from([family === 'ipv6' ? 128 : 8, 0, 0, 0, 0x74, 0x67, 0, 1, ...Buffer.from('tangent-doctor')])
  return frame(mac, ownMac, types[family], family === 'ipv6' ? packetV6(from, to, message, 64) : packetV4(from, to, message))
}

function frame(to: string, from: string, type: number, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(frameLength)
  bytes.set([...macBytes(to), ...macBytes(from), type >> 8, type & 0xff])
  bytes.set(payload, 14)
  return bytes
}

function packetV4(from: number[], to: number[], message: Buffer): Buffer {
  message.writeUInt16BE(checksum(message), 2)
  const header = Buffer.from([0x45, 0, 0, 0, 0, 0, 0, 0, 64, icmp, 0, 0, ...from, ...to])
  header.writeUInt16BE(header.length + message.length, 2)
  header.writeUInt16BE(checksum(header), 10)
  return Buffer.concat([header, message])
}

function packetV6(from: number[], to: number[], message: Buffer, hops: number): Buffer {
  message.writeUInt16BE(checksum(Buffer.from([...from, ...to, 0, 0, 0, message.length, 0, 0, 0, icmpv6, ...message])), 2)
  return Buffer.concat([Buffer.from([0x60, 0, 0, 0, 0, message.length, icmpv6, hops, ...from, ...to]), message])
}

/** The Internet checksum (RFC 1071). */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

function macBytes(mac: string): number[] {
  return mac.split(':').map((part) => parseInt(part, 16))
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}
