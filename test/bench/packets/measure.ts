import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from '#scripts/setup/project.mjs'
import { command, inside } from '../../lab/command.ts'
import { frameBytes } from '../../lab/conformance-frames.ts'
import { summarize } from '../statistics.ts'
import { kinds, protocolOf, type Kind } from './farms.ts'
import { openPacketSite, type PacketSite } from './site.ts'
import { beginnings, flows, waysOf, type Way } from './ways.ts'

export const rounds = 15
const laps = 10

/** Nanoseconds per packet of each round, by kind of packet and way. */
export type Measured = Map<Kind, Map<string, number[]>>

/** Sends over all ways in turns, again and again. Throws when a single packet did not arrive or the agent counted another number. */
export async function measurePackets(): Promise<Measured> {
  const site = await openPacketSite()
  try {
    for (const kind of kinds.filter((one) => protocolOf(one) === 'tcp')) for (const way of beginnings(site, kind)) await send(site, way, 1)
    const before = await countedBy(site)
    const sent = new Map<string, number>()
    const ways = kinds.flatMap((kind) => waysOf(site, kind))
    const measured: Measured = new Map(kinds.map((kind) => [kind, new Map<string, number[]>()]))
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < ways.length; i++) {
        // Each round begins elsewhere, so that no way is always measured after the same one.
        const way = ways[(i + round * 5) % ways.length]
        if (!way) continue
        const times = measured.get(way.kind) ?? new Map<string, number[]>()
        times.set(way.name, [...(times.get(way.name) ?? []), await send(site, way, laps)])
        if (way.service) add(sent, `${way.service.on} ${way.service.name}`, laps * flows)
      }
    }
    const after = await countedBy(site)
    for (const [name, packets] of sent) {
      const counted = (after.get(name) ?? 0) - (before.get(name) ?? 0)
      if (counted !== packets) throw new Error(`The agent counted ${counted} packets for ${name} and ${packets} were sent.`)
    }
    return measured
  } finally {
    await site.remove()
  }
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value)
}

/** Sends the frames of a way so many times and answers the nanoseconds per packet: the median of the laps. */
async function send({ topology, sender, arrived }: PacketSite, { name, kind, frames }: Way, times: number): Promise<number> {
  const file = join(topology.folder, 'frames')
  await writeFile(file, frames)
  const before = await arrived()
  const program = join(root, 'test/bench/packets/send-frames.py')
  const taken = z.array(z.number()).parse(JSON.parse(await command(inside(sender.namespace, ['python3', program, sender.nic.device, String(frameBytes), String(times), '0', file]))))
  const came = (await arrived()) - before
  if (came !== times * flows) throw new Error(`Of ${times * flows} packets (${kind}, ${name}) ${came} arrived.`)
  return summarize(taken).median
}

/** What the agents have counted, by appliance and farm. */
async function countedBy({ agents }: PacketSite): Promise<Map<string, number>> {
  const counted = await Promise.all(Object.entries(agents).map(async ([on, { socket }]) => (await socket.freshStats()).farms.map(({ name, packets }) => [`${on} ${name}`, packets] as const)))
  return new Map(counted.flat())
}
