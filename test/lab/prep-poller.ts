import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { familyOf } from '#lib/domain/address.ts'
import { captureFrames } from './capture.ts'
import { inside } from './command.ts'
import { addressText, askFor, macBytes } from './conformance-frames.ts'
import { solicitationPacket, synPacket } from './packets.ts'
import type { PrepMachine } from './prep-machine.ts'
import { until } from './until.ts'

/**
 * What the machine said on the wire meanwhile. `questions` for each VIP were put, `answers` came for the machine's own address,
 * `asked` holds the sender of each of its own questions. `leaks` is what it said of a VIP, in words.
 */
export type Heard = { questions: number; answers: number; asked: string[]; leaks: string[] }

/**
 * Another host of the machine's network, that asks who has the VIPs: by ARP, to everybody and to the machine alone; by neighbour
 * solicitation, to the group, to the machine alone, and as if it wanted the address for itself. It also opens connections to the
 * VIPs from addresses that the machine must ask for before it can answer, and asks for the machine's own address, which must be answered.
 */
export type Poller = {
  /** Asks every 2 ms until the work is done, and once more; every answer has come then. */
  during: (work: () => Promise<unknown>) => Promise<Heard>
  /** Asks once; every answer has come then. */
  once: () => Promise<Heard>
  close: () => void
}

const everyMs = 2
/** A pipe may be read in pieces only at a multiple of this, so that each piece is one frame. */
const frameBytes = 128
const etherTypes = { arp: 0x0806, ipv4: 0x0800, ipv6: 0x86dd } as const
const lastAsker = { ipv4: '10.9.0.254', ipv6: 'fe80::254' } as const

export async function openPoller(machine: PrepMachine, own: string, vips: readonly string[]): Promise<Poller> {
  const family = familyOf(own)
  const { neighbour, nic } = machine
  const [from, to] = [neighbour.nic.mac, nic.mac]
  const frames = family === 'ipv6' ? sixFrames(from, to) : fourFrames(from, to)
  let heard: Heard = { questions: 0, answers: 0, asked: [], leaks: [] }
  let last = 0
  const stop = await captureFrames(nic.network, nic.port, (frame) => {
    const said = read(frame)
    if (!said) return
    if (claims(said, vips)) heard.leaks.push(`${said.what} ${said.of} from ${said.from}`)
    else if (said.what === 'asks for') heard.asked.push(said.from)
    else if (said.of === own && said.to === lastAsker[family]) last += 1
    else if (said.of === own) heard.answers += 1
  })
  // One processor sends everything, so that the kernel keeps the order.
  const [program = '', ...args] = inside(neighbour.namespace, ['taskset', '-c', '0', 'socat', '-u', '-b', String(frameBytes), 'STDIN', `INTERFACE:${neighbour.nic.device}`])
  const sender = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit'] })
  await once(sender, 'spawn')
  const send = (list: Buffer[]): void => void sender.stdin.write(Buffer.concat(list.map((frame) => Buffer.concat([frame, Buffer.alloc(frameBytes - frame.length)]))))
  const ask = (): void => {
    heard.questions += 1
    send([...frames.own(own), ...vips.flatMap(frames.vip)])
  }
  const finished = async (): Promise<Heard> => {
    const before = last
    ask()
    send(frames.last(own))
    await until('the last question is answered', () => last > before, 10_000, 1)
    return heard
  }
  const forget = (): void => void (heard = { questions: 0, answers: 0, asked: [], leaks: [] })
  return {
    during: async (work) => {
      forget()
      const timer = setInterval(ask, everyMs)
      await work().finally(() => clearInterval(timer))
      return finished()
    },
    once: () => {
      forget()
      return finished()
    },
    close: () => {
      stop()
      sender.kill()
    },
  }
}

/** Says the machine that it has a VIP, or wants to have it, or asks in its name? It may well ask who has it. */
function claims({ what, of, from }: Said, vips: readonly string[]): boolean {
  return vips.includes(from) || (vips.includes(of) && (what === 'has' || from === '::' || from === '0.0.0.0'))
}

type Frames = { own: (address: string) => Buffer[]; vip: (address: string) => Buffer[]; last: (address: string) => Buffer[] }

let clients = 0

/** The last part of the address of a client that was not there for a while: 110 to 229. */
function nextClient(): number {
  clients = (clients + 1) % 120
  return 110 + clients
}

function fourFrames(from: string, to: string): Frames {
  return {
    own: (address) => [askFor(address, '10.9.0.250', from)],
    vip: (address) => [
      askFor(address, '10.9.0.250', from),
      askFor(address, '10.9.0.250', from, to),
      frame(to, from, etherTypes.ipv4, synPacket({ from: `10.9.0.${nextClient()}`, fromPort: 1024, to: address, toPort: 80 })),
    ],
    last: (address) => [askFor(address, lastAsker.ipv4, from)],
  }
}

function sixFrames(from: string, to: string): Frames {
  const mac = macBytes(from)
  const solicit = (target: string, asker: string, unicast: boolean): Buffer => frame(unicast ? to : groupMac(target), from, etherTypes.ipv6, solicitationPacket({ target, from: asker, mac, unicast }))
  return {
    own: (address) => [solicit(address, 'fe80::1', false)],
    vip: (address) => [
      solicit(address, 'fe80::1', false),
      solicit(address, 'fe80::1', true),
      solicit(address, '::', false),
      frame(to, from, etherTypes.ipv6, synPacket({ from: `fd09::${nextClient()}`, fromPort: 1024, to: address, toPort: 80 })),
    ],
    last: (address) => [solicit(address, lastAsker.ipv6, false)],
  }
}

function frame(to: string, from: string, type: number, packet: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...macBytes(to), ...macBytes(from), type >> 8, type & 0xff]), packet])
}

/** The MAC address of the multicast group to which solicitations for an address go (RFC 2464 §7). */
function groupMac(address: string): string {
  const low = address.slice(address.lastIndexOf(':') + 1).padStart(4, '0')
  return `33:33:ff:00:${low.slice(0, 2)}:${low.slice(2)}`
}

type Said = { what: 'asks for' | 'has'; of: string; from: string; to: string }

/** What a frame says of an address: that somebody asks for it, or has it. Null for everything else. */
function read(bytes: Buffer): Said | null {
  const type = bytes.readUInt16BE(12)
  if (type === etherTypes.arp) {
    const [sender, target] = [addressText(bytes.subarray(28, 32)), addressText(bytes.subarray(38, 42))]
    return bytes.readUInt16BE(20) === 2 ? { what: 'has', of: sender, from: sender, to: target } : { what: 'asks for', of: target, from: sender, to: target }
  }
  if (type !== etherTypes.ipv6 || bytes.readUInt8(20) !== 58) return null
  const kind = bytes.readUInt8(54)
  if (kind !== 135 && kind !== 136) return null
  return { what: kind === 136 ? 'has' : 'asks for', of: addressText(bytes.subarray(62, 78)), from: addressText(bytes.subarray(22, 38)), to: addressText(bytes.subarray(38, 54)) }
}
