import { Agent } from 'node:http'
import { Socket } from 'node:net'
import { get } from './requests.ts'
import type { Held, Ports } from './protocol.ts'

export type Holding = { use: (timeoutMs: number) => Promise<Held>; ports: () => Ports; release: () => void }

/** Connections that stay open. An agent with one socket would reconnect silently, so a new socket counts as a broken connection. */
export function hold({ url, connections }: { url: string; connections: number }): Holding {
  const agents = Array.from({ length: connections }, () => new OneSocket())
  return {
    use: async (timeoutMs) => ({ backends: await Promise.all(agents.map((agent) => askOne(agent, url, timeoutMs))) }),
    ports: () => ({ ports: agents.map((agent) => agent.port) }),
    release: () => agents.forEach((agent) => agent.destroy()),
  }
}

async function askOne(agent: OneSocket, url: string, timeoutMs: number): Promise<string | null> {
  try {
    return (await get(url, agent, timeoutMs)).backend
  } catch {
    return null
  }
}

class OneSocket extends Agent {
  port = 0
  private opened = false

  constructor() {
    super({ keepAlive: true, maxSockets: 1, timeout: 0 })
  }

  override createConnection(...args: Parameters<Agent['createConnection']>): ReturnType<Agent['createConnection']> {
    if (this.opened) throw new Error('the held connection was closed')
    this.opened = true
    const socket = super.createConnection(...args)
    if (socket instanceof Socket) socket.once('connect', () => (this.port = socket.localPort ?? 0))
    return socket
  }
}
