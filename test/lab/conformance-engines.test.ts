import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { farmSchema, withDefaults, type FarmInput } from '#lib/domain/farm.ts'
import { rolesOf } from '#lib/domain/active.ts'
import { renderFarm, type NftlbFarm } from '#lib/render/nftlb.ts'
import { startEngine, type LoneEngine } from './conformance-engine.ts'
import { openWire, type Wire } from './conformance-wire.ts'
import { engines } from './conformance-site.ts'
import { labPrefix } from './lab.ts'
import { addressV4, createTopology, lan, type Topology } from './topology.ts'
import { until } from './until.ts'

/** Nothing differs in the kernel, and no farm was left out. */
const fine = { mismatches: [], rejected: [] }

let topology: Topology
let wire: Wire

beforeAll(async () => {
  topology = await createTopology({ prefix: labPrefix(), backends: ['web1', 'web2'] })
  wire = await openWire(topology.router, topology.lb, topology.folder)
})
afterAll(async () => {
  wire?.close()
  await topology?.remove()
})

/** A farm with these backends, as the engine of a scheduler gets it. */
function farmOf(scheduler: FarmInput['scheduler'], name: string, backends: string, changes: Partial<FarmInput> = {}): NftlbFarm {
  const machines = topology.backends.filter((one) => backends.includes(one.name))
  const pool = machines.map((machine) => ({ name: machine.name, address: machine.nic.addresses[0]?.split('/')[0] ?? '' }))
  const wanted = farmSchema.parse(withDefaults({ name, scheduler, vip: addressV4(lan, 100), ports: ['80'], backends: pool, ...changes }))
  return renderFarm(wanted, { interface: { name: 'eth0', mac: topology.lb.nic.mac }, roles: rolesOf(wanted, () => true), macs: new Map(machines.map((machine) => [machine.name, machine.nic.mac])) })
}

function nft(...args: string[]): Promise<string> {
  return topology.run(topology.lb, ['nft', ...args])
}

/** The backend that gets what a client sends to a port; null when nobody does. */
async function way(port: number, vip = addressV4(lan, 100)): Promise<string | null> {
  const seen = await wire.through([{ to: topology.lb.nic.mac, vip, protocol: 'tcp', port, clientPort: 40_000 }])
  return topology.backends.find(({ nic }) => nic.mac === seen[0]?.to)?.name ?? null
}

describe.each(engines)('engine %s', (name, scheduler) => {
  let engine: LoneEngine

  beforeAll(async () => {
    engine = await startEngine(topology, topology.lb, name)
    await engine.ask({ do: 'start', farms: [] })
  })
  afterAll(async () => {
    await engine?.ask({ do: 'change', farms: [] })
    await engine?.ask({ do: 'stop' })
  })

  const port = (): NftlbFarm => farmOf(scheduler, 'port', 'web1', { ports: ['80'] })
  const all = (): NftlbFarm => farmOf(scheduler, 'all', 'web2', { ports: [] })

  // The API refuses two farms that share a port; an engine meets them only when somebody tells it so.
  test('a farm of one port keeps it beside a farm of all ports that came later', async () => {
    expect(await engine.ask({ do: 'change', farms: [port()] })).toEqual(fine)
    expect(await engine.ask({ do: 'change', farms: [port(), all()] })).toEqual(fine)
    expect([await way(80), await way(81)]).toEqual(['web1', 'web2'])
    await engine.ask({ do: 'change', farms: [] })
    expect([await way(80), await way(81)]).toEqual([null, null])
  })

  test(`a farm of one port ${name === 'native' ? 'keeps it beside' : 'gets nothing because of'} a farm of all ports that was there first`, async () => {
    expect(await engine.ask({ do: 'change', farms: [all()] })).toEqual(fine)
    expect(await engine.ask({ do: 'change', farms: [all(), port()] })).toEqual(fine)
    expect([await way(80), await way(81)]).toEqual([name === 'native' ? 'web1' : 'web2', 'web2'])
    await engine.ask({ do: 'change', farms: [] })
  })

  test('what the engine wrote it reads back as its own, however odd', async () => {
    const odd = [
      farmOf(scheduler, 'many-ports', 'web1', { ports: Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? String(1000 + 10 * i) : `${1000 + 10 * i}-${1004 + 10 * i}`)) }),
      farmOf(scheduler, 'low-and-high', 'web1', { vip: addressV4(lan, 101), ports: ['1', '256-511', '65535'], protocol: 'all' }),
      farmOf(scheduler, 'zeros-in-front', 'web1', { vip: '64:ff9b::100', ports: ['80', '81-82'], backends: [] }),
      farmOf(scheduler, 'zeros-and-all-ports', 'web1', { vip: '64:ff9b::101', ports: [], backends: [] }),
      farmOf(scheduler, 'zeros-within', 'web1', { vip: '2001:db8::1:0:0:1', ports: ['80'], backends: [] }),
    ]
    expect(await engine.ask({ do: 'change', farms: odd })).toEqual(fine)
    expect(await engine.ask({ do: 'verify' })).toEqual(fine)
    expect(await way(1014)).toBe('web1')
    expect(await way(1015)).toBeNull()
    expect([await way(256, addressV4(lan, 101)), await way(511, addressV4(lan, 101)), await way(512, addressV4(lan, 101))]).toEqual(['web1', 'web1', null])
  })

  const element = `tcp . ${addressV4(lan, 100)} . 80`
  const breaks: Record<typeof name, string[]> = {
    native: [
      `delete element netdev tangent ports4 { ${element} }`,
      'flush map netdev tangent macs',
      'delete element netdev tangent f_web { 7 }',
      'delete element netdev tangent f_web { 7 } ; add element netdev tangent f_web { 7 : 77 }',
      'insert rule netdev tangent f_web accept',
      'flush chain netdev tangent f_web',
      'insert rule netdev tangent in-eth0 accept',
      'flush chain netdev tangent in-eth0 ; delete chain netdev tangent in-eth0',
      'delete table netdev tangent',
      'flush ruleset',
    ],
    nftlb: [`delete element netdev nftlb proto-services-eth0 { ${element} }`, 'flush chain netdev nftlb f_web', 'delete table netdev nftlb', 'flush ruleset'],
  }

  test.each(breaks[name])('somebody says "nft %s": it is found and put right', async (command) => {
    const farms = [farmOf(scheduler, 'web', 'web1 web2'), farmOf(scheduler, 'every', 'web1', { vip: addressV4(lan, 101), ports: [] })]
    const list = async (): Promise<string> => (await nft('-s', 'list', 'table', 'netdev', name === 'native' ? 'tangent' : 'nftlb')).split('\n').sort().join('\n')
    expect(await engine.ask({ do: 'change', farms })).toEqual(fine)
    const before = await list()
    await nft(command)
    await until('it is found', async () => (await engine.ask({ do: 'verify' })).mismatches.length > 0)
    expect(await engine.ask({ do: 'repair', farms })).toEqual(fine)
    expect(await engine.ask({ do: 'verify' })).toEqual(fine)
    expect(await list()).toBe(before)
    expect([await way(80), await way(7, addressV4(lan, 101))]).toEqual([expect.any(String), 'web1'])
  })
})

/** The names of chains and maps in the kernel that belong to farms. */
async function farmNames(): Promise<string[]> {
  const text = await nft('-s', 'list', 'table', 'netdev', 'tangent')
  return [...text.matchAll(/(?:chain|map) (f_\S+)/g)].map((match) => match[1] ?? '').sort()
}

describe('a native engine that ended at any moment and starts with a document that the kernel has not seen', () => {
  const handover = ['f_web', 'f_web', 'f_web-after', 'f_web-before', 'f_web-errors', 'f_web-kept', 'f_web-new', 'f_web-young']

  test.each<[string, Partial<NftlbFarm> | null, string[]]>([
    ['another hash input', { 'sched-param': 'srcip' }, handover],
    ['all protocols', { protocol: 'all' }, handover],
    ['another VIP', { 'virtual-addr': addressV4(lan, 102) }, handover],
    ['all ports', { 'virtual-ports': '' }, handover],
    ['no such farm', null, []],
  ])('has what it wants after a handover was under way: %s', async (_, changes, names) => {
    const web = farmOf('maglev', 'web', 'web1 web2')
    const drained = { ...web, backends: web.backends.map((backend) => (backend.name === 'b_web2' ? { ...backend, state: 'off' as const } : backend)) }
    const first = await startEngine(topology, topology.lb, 'native')
    await first.ask({ do: 'start', farms: [web] })
    expect(await first.ask({ do: 'change', farms: [drained] })).toEqual(fine)
    expect(await farmNames()).toEqual(handover)
    first.kill()

    const wanted = changes ? [{ ...drained, ...changes }] : []
    const second = await startEngine(topology, topology.lb, 'native')
    expect(await second.ask({ do: 'start', farms: wanted })).toEqual(fine)
    expect(await second.ask({ do: 'verify' })).toEqual(fine)
    expect(await farmNames()).toEqual(names)
    for (const farm of wanted) expect(await way(80, farm['virtual-addr'])).toBe('web1')
    expect(await second.ask({ do: 'change', farms: [] })).toEqual(fine)
    expect(await farmNames()).toEqual([])
    await second.ask({ do: 'stop' })
  })
})
