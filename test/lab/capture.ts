import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { inside } from './command.ts'
import { until } from './until.ts'

const recordHeader = 16
const fileHeader = 24

/**
 * Hands over every frame that comes in at a card, in the order in which they came, and resolves when it listens. The function
 * that comes back ends it.
 */
export async function captureFrames(namespace: string, device: string, frame: (bytes: Buffer) => void): Promise<() => void> {
  const [program = '', ...args] = inside(namespace, ['tcpdump', '-i', device, '-Q', 'in', '-n', '-U', '--immediate-mode', '-B', '32768', '-s', '96', '-w', '-'])
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  listen(child, frame)
  await listening(child)
  return () => void child.kill()
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
