import { readFileSync } from 'node:fs'
import { commit, converge } from '#agent/engine/native/converge.ts'
import { emptyMirror } from '#agent/engine/native/held.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { startAppliance, type Appliance } from '../../lab/appliance.ts'
import { command } from '../../lab/command.ts'
import { labPrefix } from '../../lab/lab.ts'
import { createTopology, type Machine, type Topology } from '../../lab/topology.ts'
import { loadFarm, network, rendered } from './farms.ts'
import { startPeer, type Peer } from './peer-process.ts'

/** The same farms three times: in an appliance, in an engine without console and agent, and in tables that a bare nft fills. */
export type ChangeSite = {
  appliance: Appliance
  engine: { change: (name: string, farm: Farm | null) => Promise<Record<string, number>> }
  /** Milliseconds of nft for the change, and of making its script, which nft does not do itself. */
  bare: { change: (name: string, farm: Farm | null) => Promise<{ nft: number; converge: number }> }
  /** Loads further farms, up to this number, into all three. */
  load: (farms: number) => Promise<Loaded>
  remove: () => Promise<void>
}

/** What was loaded: milliseconds for each farm through the API, and the memory that the kernel took for one table with these farms, in MB. */
export type Loaded = { msEach: number; kernel: number }

/** Requests to the API that are under way at the same time while farms are loaded, and farms in one transaction of the bare nft. */
const [atOnce, together] = [8, 20]

export async function openChangeSite(): Promise<ChangeSite> {
  const topology = await createTopology({ prefix: labPrefix(), backends: ['sink', 'engine', 'bare'] })
  const peers: Peer[] = []
  let appliance: Appliance | null = null
  const remove = async (): Promise<void> => {
    for (const peer of peers) await peer.stop()
    await appliance?.stop()
    await topology.remove()
  }
  try {
    const machine = (name: string): Machine => topology.backends.find((one) => one.name === name) ?? topology.lb
    await widen(topology, machine('sink'))
    appliance = await startAppliance(topology)
    const begun = appliance
    const [engine, bare] = [machine('engine'), machine('bare')].map(({ namespace }) => startPeer(namespace))
    if (!engine || !bare) throw new Error('The programs in the namespaces were not started.')
    peers.push(engine, bare)
    const json = (farm: Farm, where: Machine): ReturnType<typeof rendered> => rendered(farm, where.nic.mac, machine('sink').nic.mac)
    const mirror = emptyMirror()
    const bareScript = (name: string, farm: Farm | null): string => {
      const { script, next } = converge(mirror, engineName(name), farm && json(farm, machine('bare')), performance.now())
      commit(mirror, engineName(name), next, machine('bare').nic.mac)
      return `${script}\n`
    }
    let loaded = 0
    const load: ChangeSite['load'] = async (count) => {
      const farms = Array.from({ length: count }, (_, index) => loadFarm(index))
      const added = farms.slice(loaded)
      loaded = count
      const start = performance.now()
      await putAll(begun, added)
      const msEach = (performance.now() - start) / added.length
      await engine.tell({ do: 'start', farms: farms.map((farm) => json(farm, machine('engine'))) })
      const before = kernelMemory()
      for (let i = 0; i < added.length; i += together) await bare.tell({ do: 'nft', script: added.slice(i, i + together).map((farm) => bareScript(farm.name, farm)).join('') })
      return { msEach, kernel: kernelMemory() - before }
    }
    return {
      appliance,
      engine: { change: (name, farm) => engine.tell({ do: 'change', name: engineName(name), farm: farm && json(farm, machine('engine')) }) },
      bare: {
        change: async (name, farm) => {
          const start = performance.now()
          const script = bareScript(name, farm)
          const made = performance.now() - start
          return { nft: (await bare.tell({ do: 'nft', script })).nft ?? Number.NaN, converge: made }
        },
      },
      load,
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Lets the appliance have the network of the load, and one machine answer for all backends in it. */
async function widen({ lb }: Topology, sink: Machine): Promise<void> {
  await command(['ip', '-n', lb.namespace, 'addr', 'add', network.appliance, 'dev', lb.nic.device])
  await command(['ip', '-n', sink.namespace, 'route', 'add', 'local', network.backends, 'dev', 'lo'])
  await command(['ip', '-n', sink.namespace, 'route', 'add', network.whole, 'dev', sink.nic.device])
}

async function putAll({ api }: Appliance, farms: readonly Farm[]): Promise<void> {
  const queue = [...farms]
  const work = async (): Promise<void> => {
    for (let farm = queue.shift(); farm; farm = queue.shift()) {
      const { status, body } = await api.call('PUT', `/farms/${farm.name}`, farm)
      if (status !== 201) throw new Error(`${farm.name} was answered with ${status}: ${JSON.stringify(body)}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  await api.applied(120_000)
}

function engineName(farm: string): string {
  return `f_${farm.replaceAll('-', '_')}`
}

/** Memory of the kernel that belongs to no process and no file, in MB: objects, larger pieces, and what every processor has. */
function kernelMemory(): number {
  const text = readFileSync('/proc/meminfo', 'utf8')
  return ['SUnreclaim', 'VmallocUsed', 'Percpu'].reduce((sum, name) => sum + Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0), 0) / 1024
}
