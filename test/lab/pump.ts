import { familyOf } from '#lib/domain/address.ts'
import { command, inside } from './command.ts'
import type { Machine } from './topology.ts'

/** Packets that a machine swallowed, and what each cost from the sender on, in nanoseconds. */
export type Cost = { delivered: number; nsPerPacket: number }

/** A system call makes this many packets (UDP segmentation offload, udp(7) UDP_SEGMENT), each with this many bytes of data. */
const [burst, data] = [60, 18]

/** Lets a machine swallow what comes for an address and port before its own stack sees it. The function that comes back says how many packets that were. */
export async function swallow(machine: Machine, { address, port }: { address: string; port: number }): Promise<() => Promise<number>> {
  const nft = (text: string): Promise<string> => command(inside(machine.namespace, ['nft', text]))
  const ip = familyOf(address) === 'ipv6' ? 'ip6' : 'ip'
  await nft(`add table netdev swallow ; add chain netdev swallow in { type filter hook ingress device ${machine.nic.device} priority 0 ; } ; add rule netdev swallow in ${ip} daddr ${address} udp dport ${port} counter drop`)
  return async () => Number(/counter packets (\d+)/.exec(await nft('list chain netdev swallow in'))?.[1] ?? 0)
}

/**
 * What a small UDP packet costs on its way from `sender` to the machines that swallow it (`swallowed` of each). The kernel does all
 * of it, one packet after the other, within the sender's system calls; start and end of the sender are measured apart and taken
 * off. The packets are of `flows` source ports. Compare the least of several rounds with the least of a way without the appliance.
 */
export async function packetCost(sender: Machine, { address, port }: { address: string; port: number }, swallowed: ReadonlyArray<() => Promise<number>>, { packets = 600_000, flows = 16 } = {}): Promise<Cost> {
  // No card on the way would split what one system call made; the sender's must.
  await command(['ip', '-n', sender.namespace, 'link', 'set', 'dev', sender.nic.device, 'gso_max_segs', '1'])
  const delivered = async (): Promise<number> => (await Promise.all(swallowed.map((read) => read()))).reduce((sum, one) => sum + one, 0)
  const socket = familyOf(address) === 'ipv6' ? `UDP6-SENDTO:[${address}]:${port}` : `UDP4-SENDTO:${address}:${port}`
  const pump = async (calls: number): Promise<number> => {
    const begun = performance.now()
    const script = 'for i in $(seq "$1"); do socat -u -b "$2" "OPEN:/dev/zero,readbytes=$3" "$4,sourceport=$((20000 + i)),setsockopt-int=17:103:$5"; done'
    await command(inside(sender.namespace, ['sh', '-c', script, 'sh', String(flows), String(burst * data), String(calls * burst * data), socket, String(data)]), 120_000)
    return performance.now() - begun
  }
  const calls = Math.ceil(packets / flows / burst)
  const idle = await pump(1)
  const before = await delivered()
  const busy = await pump(calls + 1)
  return { delivered: (await delivered()) - before, nsPerPacket: ((busy - idle) * 1e6) / (calls * burst * flows) }
}
