import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { rolesOf } from '#lib/domain/active.ts'
import { renderFarm } from '#lib/render/nftlb.ts'
import { command, inside } from '../../lab/command.ts'
import { labPrefix } from '../../lab/lab.ts'
import { createTopology, type Machine, type Topology } from '../../lab/topology.ts'
import { until } from '../../lab/until.ts'
import { startAgent, type BareAgent } from '../agent.ts'
import { startBareEngine, type BareEngine } from '../nftlb/bare-engine.ts'
import { bareRule, sinkRule } from './bare-rule.ts'
import { backendMacs, farmOf, kinds, services, type Kind, type Service } from './farms.ts'

/**
 * Where packets are measured: the router sends them, the machine `sink` has the MAC addresses of all backends, and between them
 * stand two appliances, a machine with nftlb alone, and one with a bare rule for each kind of packet.
 */
export type PacketSite = {
  topology: Topology
  agents: Record<Service['on'], BareAgent>
  sender: Machine
  macs: Record<Service['on'], string> & { stock: string; bare: Record<Kind, string> }
  /** Packets that have arrived at the backends. */
  arrived: () => Promise<number>
  remove: () => Promise<void>
}

export async function openPacketSite(): Promise<PacketSite> {
  const topology = await createTopology({ prefix: labPrefix(), backends: ['sink', 'stock', 'mixed', ...kinds] })
  const started: BareAgent[] = []
  let stock: BareEngine | null = null
  const remove = async (): Promise<void> => {
    for (const agent of started) await agent.stop()
    await stock?.stop()
    await topology.remove()
  }
  try {
    const machine = (name: string): Machine => topology.backends.find((one) => one.name === name) ?? topology.lb
    const [sink, plain] = [machine('sink'), machine('stock')]
    await load(sink, topology.folder, sinkRule)
    await playAllBackends(sink)
    for (const kind of kinds) await load(machine(kind), topology.folder, bareRule(kind, machine(kind).nic.mac))
    stock = await startBareEngine(plain.namespace)
    for (const service of services.filter(({ serving }) => serving.scheduler === 'symhash')) {
      await stock.post({ farms: [rendered(service, plain)] })
      await command(['ip', '-n', plain.namespace, 'addr', 'add', service.vip, 'dev', plain.nic.device])
    }
    const serving = async (where: Machine, on: Service['on']): Promise<BareAgent> => {
      const agent = await startAgent(where, join(topology.folder, on))
      started.push(agent)
      await serve(agent, services.filter((service) => service.on === on))
      return agent
    }
    const agents = { native: await serving(topology.lb, 'native'), mixed: await serving(machine('mixed'), 'mixed') }
    const bare = Object.fromEntries(kinds.map((kind) => [kind, machine(kind).nic.mac])) as Record<Kind, string>
    const macs = { native: topology.lb.nic.mac, mixed: machine('mixed').nic.mac, stock: plain.nic.mac, bare }
    return { topology, agents, sender: topology.router, macs, arrived: () => arrivedAt(sink), remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Loads the farms of an appliance, and turns those whose slots are to be in handover. */
async function serve({ socket }: BareAgent, services: readonly Service[]): Promise<void> {
  for (const [generation, turned] of [[1, false], [2, true]] as const) {
    await socket.put({ generation, farms: services.map((service) => farmOf(service, turned)) })
    await until('the kernel has the farms', async () => (await socket.status()).farms.every(({ applied }) => applied), 60_000)
  }
  const { farms } = await socket.status()
  for (const { name, serving } of services) {
    const handover = farms.find((farm) => farm.name === name)?.handover
    const wanted = serving.scheduler === 'maglev' && serving.handover ? serving.slots : 0
    if ((handover?.slots ?? 0) !== wanted) throw new Error(`${name} should have ${wanted} slots in handover and has ${handover?.slots ?? 0}.`)
  }
}

function rendered(service: Service, machine: Machine): unknown {
  const farm = farmOf(service, false)
  return renderFarm(farm, { interface: { name: machine.nic.device, mac: machine.nic.mac }, roles: rolesOf(farm, () => true), macs: new Map() })
}

async function load(machine: Machine, folder: string, script: string): Promise<void> {
  const file = join(folder, `${machine.name}.nft`)
  await writeFile(file, script)
  await command(inside(machine.namespace, ['nft', '-f', file]))
}

const linksSchema = z.array(z.object({ ifindex: z.int(), ifname: z.string(), link_index: z.int().optional() }))

/** Lets the switch send the frames for all backends to one machine, which takes them. */
async function playAllBackends({ namespace, nic }: Machine): Promise<void> {
  const links = async (where: string, ...of: string[]): Promise<z.output<typeof linksSchema>> => linksSchema.parse(JSON.parse(await command(['ip', '-n', where, '-j', 'link', 'show', ...of])))
  const [card] = await links(namespace, 'dev', nic.device)
  const port = (await links(nic.network)).find(({ ifindex }) => ifindex === card?.link_index)?.ifname ?? ''
  for (const mac of backendMacs) await command(['bridge', '-n', nic.network, 'fdb', 'add', mac, 'dev', port, 'master', 'static'])
  await command(['ip', '-n', namespace, 'link', 'set', nic.device, 'promisc', 'on'])
}

const chainSchema = z.object({ nftables: z.array(z.object({ rule: z.object({ expr: z.array(z.record(z.string(), z.unknown())) }).optional() })) })

async function arrivedAt(sink: Machine): Promise<number> {
  const { nftables } = chainSchema.parse(JSON.parse(await command(inside(sink.namespace, ['nft', '-j', 'list', 'chain', 'netdev', 'sink', 'in']))))
  const counter = nftables.flatMap(({ rule }) => rule?.expr ?? []).find((one) => 'counter' in one)?.counter
  return z.object({ packets: z.int() }).parse(counter).packets
}
