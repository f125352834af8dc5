import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { inside } from './command.ts'

/**
 * Starts an application that takes connections (or datagrams) at an address of a namespace, at every one for `::`; resolves when it
 * listens. It ends with the namespace, or by the function that comes back.
 */
export async function startListener(namespace: string, address: string, port: number, protocol: 'tcp' | 'udp' = 'tcp'): Promise<() => Promise<void>> {
  const six = address.includes(':')
  const where = `${port},bind=${six ? `[${address}]` : address},fork,reuseaddr${address === '::' ? ',ipv6only=0' : ''}`
  const kind = `${protocol.toUpperCase()}${six ? 6 : 4}-${protocol === 'tcp' ? 'LISTEN' : 'RECVFROM'}`
  const [program = '', ...args] = inside(namespace, ['socat', '-d', '-d', `${kind}:${where}`, 'SYSTEM:cat'])
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  // The first thing that it says on this level: that it listens, or why it cannot.
  const [said] = (await once(child.stderr, 'data')) as [Buffer]
  if (!/listening on|receiving on/.test(said.toString())) throw new Error(`${address}, port ${port}: ${said.toString()}`)
  child.stderr.resume()
  child.unref()
  return async () => {
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
}
