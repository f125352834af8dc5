import { Agent } from 'node:http'
import { get } from './requests.ts'
import type { Held } from './protocol.ts'

export type Holding = { use: (timeoutMs: number) => Promise<Held>; release: () => void }

/** Connections that stay open. An agent with one socket would reconnect silently, so a new socket counts as a broken connection. */
export function hold({ url, connections }: { url: string; connections: number }): Holding {
  const agents = Array.from({ length: connections }, () => new OneSocket())
  return {
    use: async (timeoutMs) => ({ backends: await Promise.all(agents.map((agent) => askOne(agent, url, timeoutMs))) }),
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
  private opened = false

  constructor() {
    super({ keepAlive: true, maxSockets: 1, timeout: 0 })
  }

  override createConnection(...args: Parameters<Agent['createConnection']>): ReturnType<Agent['createConnection']> {
    if (this.opened) throw new Error('the held connection was closed')
    this.opened = true
    return super.createConnection(...args)
  }
}
