import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { captureFrames } from './capture.ts'
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

/**
 * Puts frames onto the network from `sender` and listens at the switch, where the cable of `machine` is plugged in. When the
 * machine has answered a question that was asked after the last frame, whatever it did with them is there: one processor sends
 * everything, and the kernel keeps the order.
 */
export async function openWire(sender: Machine, machine: Machine, folder: string): Promise<Wire> {
  let seen: Seen[] = []
  let answers = 0
  const close = await captureFrames(machine.nic.network, machine.nic.port, (frame) => {
    const one = readFrame(frame)
    if (one && 'answerTo' in one) answers += one.answerTo === asker ? 1 : 0
    else if (one) seen.push(one)
  })

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
    close,
  }
}
