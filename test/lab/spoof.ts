import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { familyOf } from '#lib/domain/address.ts'
import { command, inside } from './command.ts'
import { synPacket, tooBigPacket, type Flow } from './packets.ts'
import { addressV4, addressV6, lan, type Machine, type Topology } from './topology.ts'

let files = 0

/**
 * TCP SYNs of as many clients that do not exist, each from an address and port of its own (RFC 2544's network for benchmarks, or
 * documentation addresses), to one address and port. 70,000 take about two seconds; resolves when the last one is sent.
 */
export async function flood({ folder, client }: Topology, { address, port, count }: { address: string; port: number; count: number }): Promise<void> {
  const flows = Array.from({ length: count }, (_, i): Flow => {
    // Both are prime: neighbouring clients get distant addresses, and none comes twice among 131,071.
    const host = (i * 7919) % 0x1ffff
    const from = familyOf(address) === 'ipv6' ? `2001:db8:f100::${(host >> 16).toString(16)}:${(host & 0xffff).toString(16)}` : `198.${18 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}`
    return { from, fromPort: 1024 + (i % 64_000), to: address, toPort: port }
  })
  await send(folder, client, address, flows.map(synPacket))
}

/**
 * The message that a router sends to a VIP when an answer from there to a client is larger than its next link takes. It comes
 * from the lab's router, which is on the way. Whether a backend got it, `countArrivals` with the match `tooBigMatch` says, and
 * `toldOfConnections` whether it has that connection.
 */
export async function tellTooBig({ folder, router }: Topology, { vip, port, client, clientPort, mtu = 1400 }: { vip: string; port: number; client: string; clientPort: number; mtu?: number }): Promise<void> {
  const own = familyOf(vip) === 'ipv6' ? addressV6(lan, 1) : addressV4(lan, 1)
  await send(folder, router, vip, [tooBigPacket({ from: vip, fromPort: port, to: client, toPort: clientPort }, own, mtu)])
}

/** The nft match of the messages of `tellTooBig`. */
export const tooBigMatch = { ipv4: 'icmp type destination-unreachable icmp code frag-needed', ipv6: 'icmpv6 type packet-too-big' } as const

/**
 * How many such messages a machine got that are about a connection of its own. The sequence number in them is made up, so its
 * kernel does not act on them and counts them as out of the window.
 */
export async function toldOfConnections(machine: Machine): Promise<number> {
  const [names = [], values = []] = (await command(inside(machine.namespace, ['cat', '/proc/net/netstat']))).split('\n').filter((line) => line.startsWith('TcpExt:')).map((line) => line.split(' '))
  return Number(values[names.indexOf('OutOfWindowIcmps')])
}

/** Sends ready-made IP packets of one length. socat reads as many bytes at a time and puts each piece into a raw socket (protocol 255: with its own header). */
async function send(folder: string, from: Machine, to: string, packets: readonly Buffer[]): Promise<void> {
  const file = join(folder, `packets-${(files += 1)}`)
  await writeFile(file, Buffer.concat(packets))
  const socket = familyOf(to) === 'ipv6' ? `IP6-SENDTO:[${to}]:255` : `IP4-SENDTO:${to}:255`
  await command(inside(from.namespace, ['socat', '-u', '-b', String(packets[0]?.length), `OPEN:${file}`, socket]))
}
