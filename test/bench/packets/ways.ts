import { frameBytes, frameOf } from '../../lab/conformance-frames.ts'
import { backendMacs, port, protocolOf, serviceOf, sizes, type Kind, type Service } from './farms.ts'
import type { PacketSite } from './site.ts'

/** What a packet is to a farm in handover: one of a connection from before, of one begun since, or the first of a new one. */
type Packet = 'old' | 'young' | 'opening'

/** One way for packets of one kind. `service` is the farm of the agent that counts them; null when it has nothing to do with it. */
export type Way = { name: string; kind: Kind; service: Service | null; frames: Buffer }

/** Packets of a lap, each of another connection. */
export const flows = 4096

/** The way that the others are compared with, and the one without an appliance, which all of them hold. */
export const bareWay = 'bare rule'
export const directWay = 'no appliance'

const firstPorts = { old: 1024, young: 16_384, opening: 32_768 } as const

/** The first packet of a TCP connection, or any other one; UDP knows no difference. */
function framesOf(site: PacketSite, kind: Kind, to: string, vip: string, packet: Packet): Buffer {
  const protocol = protocolOf(kind)
  const flags = 14 + (kind.endsWith('6') ? 40 : 20) + 13
  const frames = Buffer.alloc(flows * frameBytes)
  for (let flow = 0; flow < flows; flow++) {
    const frame = frameOf({ to, vip, protocol, port, clientPort: firstPorts[packet] + flow }, site.sender.nic.mac)
    if (protocol === 'tcp' && packet !== 'opening') frame[flags] = 0x10
    frames.set(frame, flow * frameBytes)
  }
  return frames
}

/** All ways for packets of one kind. */
export function waysOf(site: PacketSite, kind: Kind): Way[] {
  const { stock, bare } = site.macs
  const symhash = serviceOf(kind, 'mixed', ({ scheduler }) => scheduler === 'symhash')
  const past = (name: string, to: string): Way => ({ name, kind, service: null, frames: framesOf(site, kind, to, symhash.vip, 'old') })
  const through = (name: string, service: Service, packet: Packet = 'old'): Way => ({ name, kind, service, frames: framesOf(site, kind, site.macs[service.on], service.vip, packet) })
  const native = (slots: number, handover = false): Service => serviceOf(kind, 'native', (serving) => serving.scheduler === 'maglev' && serving.handover === handover && serving.slots === slots)
  return [
    past(directWay, backendMacs[0] ?? ''),
    past(bareWay, bare[kind]),
    past('nftlb alone, symhash', stock),
    through('symhash', symhash),
    through('maglev beside symhash', serviceOf(kind, 'mixed', ({ scheduler }) => scheduler === 'maglev')),
    ...sizes.map((slots) => through(`maglev, ${slots} slots`, native(slots))),
    ...(protocolOf(kind) === 'udp' ? [] : sizes.flatMap((slots) => packetsOfHandover.map(([packet, words]) => through(`${slots} slots in handover, ${words}`, native(slots, true), packet)))),
  ]
}

const packetsOfHandover: Array<[Packet, string]> = [['old', 'old connections'], ['young', 'young connections'], ['opening', 'first packets']]

/** The connections that must have begun in a handover before they are young: their first packets. */
export function beginnings(site: PacketSite, kind: Kind): Way[] {
  return sizes.map((slots) => {
    const service = serviceOf(kind, 'native', (serving) => serving.scheduler === 'maglev' && serving.handover && serving.slots === slots)
    const frames = framesOf(site, kind, site.macs.native, service.vip, 'young')
    const flags = 14 + (kind.endsWith('6') ? 40 : 20) + 13
    for (let flow = 0; flow < flows; flow++) frames[flow * frameBytes + flags] = 0x02
    return { name: 'beginnings', kind, service, frames }
  })
}
