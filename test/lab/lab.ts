import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startAnswerer } from './answerer.ts'
import { startClient, type Client } from './client.ts'
import { buildPrograms } from './program.ts'
import { createTopology, type Topology, type TopologyOptions } from './topology.ts'

export type Lab = { topology: Topology; client: Client; remove: () => Promise<void> }

let labs = 0

/** A name that no other run on this machine uses; the test command gives the prefix so that it can clean up after a crash. */
export function labPrefix(): string {
  labs += 1
  return `${process.env.TANGENT_LAB_PREFIX ?? 'tg'}${process.pid}x${labs}-`
}

/** The network with its services started and a client that can be told to send. Ports are those the services listen on. */
export async function createLab(options: Omit<TopologyOptions, 'prefix'> & { ports: readonly number[] }): Promise<Lab> {
  const topology = await createTopology({ ...options, prefix: labPrefix() })
  try {
    const programs = join(topology.folder, 'programs')
    await mkdir(programs)
    await buildPrograms(programs)
    await Promise.all(topology.backends.map((backend) => startAnswerer(programs, backend, options.ports)))
    return { topology, client: startClient(programs, topology.client), remove: topology.remove }
  } catch (error) {
    await topology.remove()
    throw error
  }
}
