import { createInterface } from 'node:readline'
import { startProgram } from './program.ts'
import type { Answer, Ask, Download, Held, Ports, Reply, Report, Tally } from './programs/protocol.ts'
import type { Machine } from './topology.ts'

type Without<Key extends Ask['do'], Fields extends string = never> = Omit<Extract<Ask, { do: Key }>, 'do' | 'timeoutMs' | Fields>

export type Client = {
  request: (ask: Without<'request', 'concurrency'> & { concurrency?: number; timeoutMs?: number }) => Promise<Tally>
  udp: (ask: Without<'udp'>) => Promise<Tally>
  download: (url: string) => Promise<Download>
  hold: (ask: Without<'hold'>) => Promise<Held>
  use: (name: string) => Promise<Held>
  /** The client's port of each held connection, 0 for one that was never open. */
  ports: (name: string) => Promise<number[]>
  release: (name: string) => Promise<void>
  flow: (ask: Without<'flow'> & { timeoutMs?: number }) => Promise<void>
  report: (name: string) => Promise<Report>
  stop: (name: string) => Promise<Report>
}

const timeoutMs = 3000

/** Starts the client program on a machine; its requests come from there. */
export function startClient(folder: string, machine: Machine): Client {
  const child = startProgram(folder, machine, 'client', [])
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()
  let last = 0

  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = JSON.parse(line) as Reply // Written by programs/client.ts of the same build.
    const asker = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('error' in reply) asker?.reject(new Error(reply.error))
    else asker?.resolve(reply.answer)
  })
  child.on('exit', () => waiting.forEach(({ reject }) => reject(new Error('The client program ended.'))))
  child.stdin.on('error', () => undefined)

  // The program answers each ask with the shape that protocol.ts names for it.
  const tell = <T extends Answer>(ask: Ask): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = (last += 1)
      waiting.set(id, { resolve: (answer) => resolve(answer as T), reject })
      child.stdin.write(`${JSON.stringify({ id, ask })}\n`)
    })

  return {
    request: (ask) => tell<Tally>({ do: 'request', concurrency: 10, timeoutMs, ...ask }),
    udp: (ask) => tell<Tally>({ do: 'udp', timeoutMs, ...ask }),
    download: (url) => tell<Download>({ do: 'download', url, timeoutMs: 60_000 }),
    hold: (ask) => tell<Held>({ do: 'hold', timeoutMs, ...ask }),
    use: (name) => tell<Held>({ do: 'use', name, timeoutMs }),
    ports: async (name) => (await tell<Ports>({ do: 'ports', name })).ports,
    release: async (name) => void (await tell({ do: 'release', name })),
    flow: async (ask) => void (await tell({ do: 'flow', timeoutMs, ...ask })),
    report: (name) => tell<Report>({ do: 'report', name }),
    stop: (name) => tell<Report>({ do: 'stop', name }),
  }
}

/** All answers of a tally, whoever gave them. */
export function total(tally: Tally): number {
  return Object.values(tally.answered).reduce((sum, one) => sum + one, 0)
}
