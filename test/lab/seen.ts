import { z } from 'zod'
import { command, inside } from './command.ts'
import type { Machine } from './topology.ts'

export type Seen = { packets: number; bytes: number }

const countersSchema = z.object({ nftables: z.array(z.object({ counter: z.object({ name: z.string(), packets: z.number(), bytes: z.number() }).optional() })) })

/**
 * Counts what arrives at a machine from another one, with an nft table of the test's own: a counter for each name and nft match.
 * Bytes are those of IP packets. The function that comes back reads them.
 */
export async function countArrivals(machine: Machine, matches: Record<string, string>, from: Machine): Promise<() => Promise<Record<string, Seen>>> {
  const nft = (...args: string[]): Promise<string> => command(inside(machine.namespace, ['nft', ...args]))
  await nft('add table inet seen ; add chain inet seen arrivals { type filter hook prerouting priority -350 ; }')
  for (const [name, match] of Object.entries(matches)) await nft(`add counter inet seen c_${name} ; add rule inet seen arrivals ether saddr ${from.nic.mac} ${match} counter name "c_${name}"`)
  return async () => {
    const { nftables } = countersSchema.parse(JSON.parse(await nft('-j', 'list', 'counters', 'table', 'inet', 'seen')))
    return Object.fromEntries(nftables.flatMap(({ counter }) => (counter ? [[counter.name.slice('c_'.length), { packets: counter.packets, bytes: counter.bytes }]] : [])))
  }
}

const macsSchema = z.object({ nftables: z.array(z.object({ set: z.object({ elem: z.array(z.object({ elem: z.object({ val: z.string(), counter: z.object({ packets: z.number() }) }) })).default([]) }).optional() })) })

/**
 * Counts the frames that leave a machine's card, by their source MAC address, at the switch where the cable ends; `match` is an nft
 * match, such as one of a VIP. The function that comes back reads them.
 */
export async function countDepartures({ name, nic }: Machine, match = ''): Promise<() => Promise<Record<string, number>>> {
  const nft = (...args: string[]): Promise<string> => command(inside(nic.network, ['nft', ...args]))
  const table = `left_${name}`
  await nft(`add table netdev ${table} ; add set netdev ${table} macs { type ether_addr ; flags dynamic ; counter ; size 1024 ; } ; add chain netdev ${table} in { type filter hook ingress device ${nic.port} priority 0 ; }`)
  await nft(`add rule netdev ${table} in ${match} update @macs { ether saddr }`)
  return async () => {
    const { nftables } = macsSchema.parse(JSON.parse(await nft('-j', 'list', 'set', 'netdev', table, 'macs')))
    return Object.fromEntries(nftables.flatMap(({ set }) => set?.elem ?? []).map(({ elem }) => [elem.val, elem.counter.packets]))
  }
}
