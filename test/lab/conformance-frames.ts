import ipaddr from 'ipaddr.js'
import { addressBytes, familyOf } from '#lib/domain/address.ts'

export type Protocol = 'tcp' | 'udp' | 'sctp'
export const protocolNumbers = { tcp: 6, udp: 17, sctp: 132 } as const

/** A client's packet. `to` is the MAC address that the frame is for; `client` is one of `frameClients` when it is left out. */
export type Packet = { to: string; vip: string; protocol: Protocol; port: number; client?: string; clientPort: number }

/** A packet as it came by, with both MAC addresses of its frame. */
export type Seen = Required<Packet> & { from: string }

/** Clients that exist only as frames; nothing answers for them. */
export const frameClients = { ipv4: '198.51.100.77', ipv6: '2001:db8:51::77' } as const

/** Bytes of every frame, so that a program can tell them apart by length alone; enough for IPv6 and TCP. */
export const frameBytes = 74

const [etherBytes, ipv4Bytes, ipv6Bytes, tcpBytes] = [14, 20, 40, 20]

/** The first packet of a connection (a TCP SYN, an SCTP INIT, a datagram) in a frame. Checksums are left out: nobody on the way looks at them, and whoever gets it drops it. */
export function frameOf(packet: Packet, from: string): Buffer {
  const { to, vip, protocol, port, clientPort } = packet
  const frame = Buffer.alloc(frameBytes)
  const six = familyOf(vip) === 'ipv6'
  const client = addressBytes(clientOf(packet))
  frame.set(macBytes(to), 0)
  frame.set(macBytes(from), 6)
  frame.writeUInt16BE(six ? 0x86dd : 0x0800, 12)
  const ip = frame.subarray(etherBytes)
  if (six) {
    ip.writeUInt8(0x60, 0)
    ip.writeUInt16BE(tcpBytes, 4)
    ip.writeUInt8(protocolNumbers[protocol], 6)
    ip.writeUInt8(64, 7)
    ip.set(client, 8)
    ip.set(addressBytes(vip), 24)
  } else {
    ip.writeUInt8(0x45, 0)
    ip.writeUInt16BE(ipv4Bytes + tcpBytes, 2)
    ip.writeUInt8(64, 8)
    ip.writeUInt8(protocolNumbers[protocol], 9)
    ip.set(client, 12)
    ip.set(addressBytes(vip), 16)
    ip.writeUInt16BE(checksum(ip.subarray(0, ipv4Bytes)), 10)
  }
  const transport = ip.subarray(six ? ipv6Bytes : ipv4Bytes)
  transport.writeUInt16BE(clientPort, 0)
  transport.writeUInt16BE(port, 2)
  if (protocol === 'tcp') transport.set([0x50, 0x02], 12)
  else if (protocol === 'udp') transport.writeUInt16BE(tcpBytes, 4)
  else transport.writeUInt8(1, 12)
  return frame
}

/** The address of a packet's client. */
export function clientOf({ client, vip }: Packet): string {
  return client ?? frameClients[familyOf(vip)]
}

/** An ARP request for an address, which its machine answers after everything that came before; to everybody, or to one MAC address. */
export function askFor(address: string, asker: string, from: string, to = 'ff:ff:ff:ff:ff:ff'): Buffer {
  const frame = Buffer.alloc(frameBytes)
  frame.set(macBytes(to), 0)
  frame.set(macBytes(from), 6)
  frame.set([0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1], 12)
  frame.set([...macBytes(from), ...addressBytes(asker)], 22)
  frame.set(addressBytes(address), 38)
  return frame
}

/** What a captured frame is: a packet, an ARP answer to somebody, or something else. */
export function readFrame(frame: Buffer): Seen | { answerTo: string } | null {
  const kind = frame.readUInt16BE(12)
  if (kind === 0x0806 && frame.readUInt16BE(20) === 2) return { answerTo: addressText(frame.subarray(38, 42)) }
  if (kind !== 0x0800 && kind !== 0x86dd) return null
  const six = kind === 0x86dd
  const ip = frame.subarray(etherBytes)
  const number = ip.readUInt8(six ? 6 : 9)
  const protocol = (Object.keys(protocolNumbers) as Protocol[]).find((one) => protocolNumbers[one] === number)
  if (!protocol) return null
  const transport = ip.subarray(six ? ipv6Bytes : ipv4Bytes)
  const client = addressText(six ? ip.subarray(8, 24) : ip.subarray(12, 16))
  const vip = addressText(six ? ip.subarray(24, 40) : ip.subarray(16, 20))
  return { from: macText(frame.subarray(6, 12)), to: macText(frame.subarray(0, 6)), vip, protocol, client, port: transport.readUInt16BE(2), clientPort: transport.readUInt16BE(0) }
}

/** The header checksum of RFC 791. */
function checksum(header: Buffer): number {
  let sum = 0
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return ~sum & 0xffff
}

export function macBytes(mac: string): number[] {
  return mac.split(':').map((part) => Number.parseInt(part, 16))
}

function macText(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

/** 4 or 16 bytes as an address in its canonical form. */
export function addressText(bytes: Buffer): string {
  return ipaddr.fromByteArray([...bytes]).toString()
}
