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
