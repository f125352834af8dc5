import { z } from 'zod'
import { command } from './command.ts'

/** A network card of a machine, with what is needed to put another one in its place. Its cable ends in `port` of the switch in `network`. */
export type Nic = { device: string; network: string; port: string; addresses: string[]; gateways: string[]; mac: string }

let ports = 0

const linkSchema = z.array(
  z.object({
    address: z.string(),
    stats64: z.object({ rx: z.object({ bytes: z.number(), packets: z.number() }), tx: z.object({ bytes: z.number(), packets: z.number() }) }),
  }),
)

/** Plugs a new card with its addresses into a switch. IPv6 addresses skip duplicate detection, which takes a second each. */
export async function attach(namespace: string, device: string, network: string, addresses: string[], gateways: string[]): Promise<Nic> {
  const port = `p${(ports += 1)}`
  await command(['ip', 'link', 'add', device, 'netns', namespace, 'type', 'veth', 'peer', 'name', port, 'netns', network])
  await command(['ip', '-n', network, 'link', 'set', port, 'master', 'br0', 'up'])
  await configure(namespace, { device, addresses, gateways })
  return { device, network, port, addresses, gateways, mac: (await read(namespace, device)).address }
}

/** Brings a card up that has no address yet. */
export async function configure(namespace: string, { device, addresses, gateways }: Pick<Nic, 'device' | 'addresses' | 'gateways'>): Promise<void> {
  await command(['ip', '-n', namespace, 'link', 'set', device, 'up'])
  for (const address of addresses) {
    await command(['ip', '-n', namespace, 'addr', 'add', address, 'dev', device, ...(address.includes(':') ? ['nodad'] : [])])
  }
  for (const gateway of gateways) {
    await command(['ip', '-n', namespace, ...(gateway.includes(':') ? ['-6'] : []), 'route', 'add', 'default', 'via', gateway])
  }
}

/** Replaces the card by one with another MAC address, as after a repair: same addresses, same routes. */
export async function replaceNic(namespace: string, nic: Nic): Promise<Nic> {
  await command(['ip', '-n', namespace, 'link', 'delete', nic.device])
  return attach(namespace, nic.device, nic.network, nic.addresses, nic.gateways)
}

/** Plugs the cable out or in again. */
export async function setNic(namespace: string, nic: Nic, state: 'up' | 'down'): Promise<void> {
  await command(['ip', '-n', namespace, 'link', 'set', nic.device, state])
  if (state === 'down') return
  for (const address of nic.addresses.filter((one) => one.includes(':'))) await command(['ip', '-n', namespace, 'addr', 'replace', address, 'dev', nic.device, 'nodad'])
  for (const gateway of nic.gateways) await command(['ip', '-n', namespace, ...(gateway.includes(':') ? ['-6'] : []), 'route', 'replace', 'default', 'via', gateway])
}

export type Counters = { rxBytes: number; rxPackets: number; txBytes: number; txPackets: number }

/** What the card has received and sent since it was made. */
export async function countersOf(namespace: string, nic: Nic): Promise<Counters> {
  const { rx, tx } = (await read(namespace, nic.device)).stats64
  return { rxBytes: rx.bytes, rxPackets: rx.packets, txBytes: tx.bytes, txPackets: tx.packets }
}

async function read(namespace: string, device: string): Promise<z.output<typeof linkSchema>[number]> {
  const [link] = linkSchema.parse(JSON.parse(await command(['ip', '-n', namespace, '-j', '-s', 'link', 'show', 'dev', device])))
  if (!link) throw new Error(`${namespace} has no ${device}`)
  return link
}
