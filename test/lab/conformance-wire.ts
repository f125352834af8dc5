import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command, inside } from './command.ts'
import { askFor, clientOf, frameBytes, frameOf, readFrame, type Packet, type Seen } from './conformance-frames.ts'
import { addressV4, lan, type Machine } from './topology.ts'
import { until } from './until.ts'

/** A cable on which packets are put, and another on which is seen what a machine does with them. */
export type Wire = {
  /** Sends packets to a machine in this order, and answers those of them that it sent on, in the order in which they came. */
  through: (packets: readonly Packet[]) => Promise<Seen[]>
  close: () => void
}

const asker = addressV4(lan, 250)
const recordHeader = 16
const fileHeader = 24

/**
 * Puts frames onto the network from `sender` and listens at the switch, where the cable of `machine` is plugged in. When the
 * machine has answered a question that was asked after the last frame, whatever it did with them is there: one processor sends
 * everything, and the kernel keeps the order.
 */
export async function openWire(sender: Machine, machine: Machine, folder: string): Promise<Wire> {
  const [program = '', ...args] = inside(machine.nic.network, ['tcpdump', '-i', machine.nic.port, '-Q', 'in', '-n', '-U', '--immediate-mode', '-B', '32768', '-s', '96', '-w', '-'])
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let seen: Seen[] = []
  let answers = 0
  listen(child, (frame) => {
    const one = readFrame(frame)
    if (one && 'answerTo' in one) answers += one.answerTo === asker ? 1 : 0
    else if (one) seen.push(one)
  })
  await listening(child)

  return {
    through: async (packets) => {
      seen = []
      const expected = answers + 1
      const file = join(folder, 'frames')
      const question = askFor(machine.nic.addresses[0]?.split('/')[0] ?? '', asker, sender.nic.mac)
      const clients = new Set(packets.map(clientOf))
      await writeFile(file, Buffer.concat([...packets.map((packet) => frameOf(packet, sender.nic.mac)), question]))
      await command(inside(sender.namespace, ['taskset', '-c', '0', 'socat', '-u', '-b', String(frameBytes), `OPEN:${file}`, `INTERFACE:${sender.nic.device}`]))
      await until(`${machine.name} has seen all frames`, () => answers >= expected, 10_000, 5)
      return seen.filter(({ client }) => clients.has(client))
    },
    close: () => void child.kill(),
  }
}

/** Takes frames off a pcap stream (libpcap file format, little-endian). */
function listen(child: ChildProcess, frame: (bytes: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  let skip = fileHeader
  child.stdout?.on('data', (bytes: Buffer) => {
    rest = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes
    let at = 0
    if (skip > 0 && rest.length >= skip) [at, skip] = [skip, 0]
    if (skip > 0) return
    while (rest.length - at >= recordHeader && rest.length - at >= recordHeader + rest.readUInt32LE(at + 8)) {
      const length = rest.readUInt32LE(at + 8)
      frame(rest.subarray(at + recordHeader, at + recordHeader + length))
      at += recordHeader + length
    }
    rest = rest.subarray(at)
  })
}

async function listening(child: ChildProcess): Promise<void> {
  let text = ''
  child.stderr?.on('data', (bytes: Buffer) => (text += bytes.toString()))
  const ended = once(child, 'exit').then(() => {
    throw new Error(`tcpdump ended: ${text}`)
  })
  ended.catch(() => undefined)
  await Promise.race([until('tcpdump listens', () => text.includes('listening on'), 10_000, 10), ended])
}
