import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { farmSchema, withDefaults, type FarmInput } from '#lib/domain/farm.ts'
import { rolesOf } from '#lib/domain/active.ts'
import { renderFarm, type NftlbFarm } from '#lib/render/nftlb.ts'
import { startEngine, type LoneEngine } from './conformance-engine.ts'
import { openWire, type Wire } from './conformance-wire.ts'
import { engines } from './conformance-site.ts'
import { labPrefix } from './lab.ts'
import { addressV4, createTopology, lan, type Topology } from './topology.ts'

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

/** A farm with one backend, as the engine of a scheduler gets it. */
function farmOf(scheduler: FarmInput['scheduler'], name: string, backend: 'web1' | 'web2', changes: Partial<FarmInput>): NftlbFarm {
  const machine = topology.backends.find((one) => one.name === backend)
  const wanted = farmSchema.parse(withDefaults({ name, scheduler, vip: addressV4(lan, 100), backends: [{ name: backend, address: machine?.nic.addresses[0]?.split('/')[0] }], ...changes }))
  return renderFarm(wanted, { interface: { name: 'eth0', mac: topology.lb.nic.mac }, roles: rolesOf(wanted, () => true), macs: new Map([[backend, machine?.nic.mac ?? '']]) })
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
    expect(await engine.ask({ do: 'change', farms: [port()] })).toEqual({ mismatches: [], rejected: [] })
    expect(await engine.ask({ do: 'change', farms: [port(), all()] })).toEqual({ mismatches: [], rejected: [] })
    expect([await way(80), await way(81)]).toEqual(['web1', 'web2'])
    await engine.ask({ do: 'change', farms: [] })
    expect([await way(80), await way(81)]).toEqual([null, null])
  })

  test(`a farm of one port ${name === 'native' ? 'keeps it beside' : 'gets nothing because of'} a farm of all ports that was there first`, async () => {
    expect(await engine.ask({ do: 'change', farms: [all()] })).toEqual({ mismatches: [], rejected: [] })
    expect(await engine.ask({ do: 'change', farms: [all(), port()] })).toEqual({ mismatches: [], rejected: [] })
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
    expect(await engine.ask({ do: 'change', farms: odd })).toEqual({ mismatches: [], rejected: [] })
    expect(await engine.ask({ do: 'verify' })).toEqual({ mismatches: [], rejected: [] })
    expect(await way(1014)).toBe('web1')
    expect(await way(1015)).toBeNull()
    expect([await way(256, addressV4(lan, 101)), await way(511, addressV4(lan, 101)), await way(512, addressV4(lan, 101))]).toEqual(['web1', 'web1', null])
  })
})
