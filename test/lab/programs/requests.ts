import { createSocket } from 'node:dgram'
import { Agent, request } from 'node:http'
import type { Download, Tally } from './protocol.ts'

/** One GET; answers the name of the backend and how many bytes it sent. Rejects on any error and after `timeoutMs`. */
export function get(url: string, agent: Agent, timeoutMs: number): Promise<{ backend: string; bytes: number }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => (bytes += chunk.length))
      response.on('error', fail)
      response.on('end', () => {
        clearTimeout(timer)
        resolve({ backend: String(response.headers['x-backend']), bytes })
      })
    })
    const fail = (error: Error): void => {
      clearTimeout(timer)
      reject(error)
    }
    const timer = setTimeout(() => asked.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs)
    asked.on('error', fail)
    asked.end()
  })
}

/** A connection of its own for one request, so that each is a new flow for the appliance. */
export function getOnce(url: string, timeoutMs: number): Promise<{ backend: string; bytes: number }> {
  return get(url, new Agent({ keepAlive: false }), timeoutMs)
}

export function count(tally: Tally, backend: string): void {
  tally.answered[backend] = (tally.answered[backend] ?? 0) + 1
}

export function requestMany(ask: { url: string; count: number; concurrency: number; timeoutMs: number }): Promise<Tally> {
  return tallyMany(ask.count, ask.concurrency, async () => (await getOnce(ask.url, ask.timeoutMs)).backend)
}

/** One datagram per socket, each from a new port; what comes back must quote the datagram. */
export function udpMany(ask: { address: string; port: number; count: number; size?: number; timeoutMs: number }): Promise<Tally> {
  return tallyMany(ask.count, 10, (index) => askUdp(ask, `datagram-${index}`.padEnd(ask.size ?? 0, '.')))
}

async function tallyMany(times: number, concurrency: number, work: (index: number) => Promise<string>): Promise<Tally> {
  const tally: Tally = { answered: {}, failures: [] }
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < times) {
      next += 1
      await work(next).then(
        (backend) => count(tally, backend),
        (error: unknown) => tally.failures.push(String(error)),
      )
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return tally
}

export async function download(ask: { url: string; timeoutMs: number }): Promise<Download> {
  const start = performance.now()
  const { backend, bytes } = await getOnce(ask.url, ask.timeoutMs)
  return { backend, bytes, ms: performance.now() - start }
}

function askUdp({ address, port, timeoutMs }: { address: string; port: number; timeoutMs: number }, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const end = (act: () => void): void => {
      clearTimeout(timer)
      socket.close()
      act()
    }
    const timer = setTimeout(() => end(() => reject(new Error(`no answer in ${timeoutMs} ms`))), timeoutMs)
    socket.on('error', (error) => end(() => reject(error)))
    // Connected: only an answer that comes from the address that was asked is taken, as any client would.
    socket.connect(port, address, () => socket.send(text))
    socket.on('message', (message) => {
      const [backend = '', quoted] = message.toString().split(' ')
      end(() => (quoted === text ? resolve(backend) : reject(new Error(`wrong answer: ${message}`))))
    })
  })
}
