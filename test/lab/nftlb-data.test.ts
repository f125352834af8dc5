import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packetProtocols } from '#lib/domain/farm.ts'
import { portRanges } from '#lib/domain/ports.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { startEngine, type LoneEngine } from './conformance-engine.ts'
import { protocolNumbers, type Packet, type Protocol } from './conformance-frames.ts'
import { openWire, type Wire } from './conformance-wire.ts'
import { labPrefix } from './lab.ts'
import { casesOf, dataFolder, groups } from './nftlb-data-cases.ts'
import { createTopology, type Machine, type Topology } from './topology.ts'

const cases = groups().flatMap((group) => casesOf(group, '192.0.2.1'))
const everyProtocol = Object.keys(protocolNumbers) as Protocol[]

/** Clients that came in no other round: a persistence table may remember those, and nftlb sends on what a switch floods. */
function clients(round: number): Array<{ client: string; clientPort: number }> {
  return Array.from({ length: 40 }, (_, index) => ({ client: `198.18.${round}.${1 + index}`, clientPort: 20_000 + 100 * round + index }))
}

/** Where packets to one VIP, protocol and port go: the MAC addresses that they get, and those that they come from. */
type Ways = Record<string, { to: string[]; from: string[] }>

/** The ports to try of a farm: the ends of what it has, and their neighbours. */
function ports(farm: NftlbFarm): number[] {
  if (farm['virtual-ports'] === '') return [1, 80, 65535]
  return [...new Set(portRanges(farm['virtual-ports'].split(',')).flatMap(({ from, to }) => [from - 1, from, to, to + 1]))]
}

function wayKey(farm: Pick<NftlbFarm, 'virtual-addr'>, protocol: Protocol, port: number): string {
  return `${protocol} ${farm['virtual-addr']} ${port}`
}

/** What must happen with packets to these farms. */
function wantedWays(farms: readonly NftlbFarm[]): Ways {
  const ways: Ways = {}
  for (const farm of farms) {
    const to = [...new Set(farm.backends.flatMap((backend) => (backend.state === 'up' ? (backend['ether-addr'] ?? []) : [])))].sort()
    const ranges = farm['virtual-ports'] === '' ? [{ from: 1, to: 65535 }] : portRanges(farm['virtual-ports'].split(','))
    for (const protocol of packetProtocols(farm.protocol)) {
      const inside = ports(farm).filter((port) => ranges.some((range) => range.from <= port && port <= range.to))
      if (farm.state === 'up' && to.length > 0) for (const port of inside) ways[wayKey(farm, protocol, port)] = { to, from: [farm['ether-addr'] ?? ''] }
    }
  }
  return ways
}

/** What does happen with them. */
async function seenWays(wire: Wire, machine: Machine, farms: readonly NftlbFarm[], round: number): Promise<Ways> {
  const packets = farms.flatMap((farm) =>
    everyProtocol.flatMap((protocol) => ports(farm).flatMap((port) => clients(round).map((client): Packet => ({ to: machine.nic.mac, vip: farm['virtual-addr'], protocol, port, ...client })))),
  )
  const ways: Ways = {}
  for (const { vip, protocol, port, to, from } of await wire.through(packets)) {
    const way = (ways[wayKey({ 'virtual-addr': vip }, protocol, port)] ??= { to: [], from: [] })
    if (!way.to.includes(to)) way.to.push(to)
    if (!way.from.includes(from)) way.from.push(from)
  }
  for (const way of Object.values(ways)) way.to.sort()
  return ways
}

if (!existsSync(dataFolder)) {
  console.warn(`nftlb's test data are not at ${dataFolder}: its cases are left out.`)
  test(`nftlb's own cases are left out, because their data are not there (shared/data/nftlb beside the project)`, () => expect(cases).toEqual([]))
} else {
  describe('nftlb’s own cases of DSR farms', () => {
    let topology: Topology
    const engines = new Map<'native' | 'nftlb', { engine: LoneEngine; wire: Wire; machine: Machine }>()

    beforeAll(async () => {
      topology = await createTopology({ prefix: labPrefix(), backends: ['lb2'] })
      const [second] = topology.backends
      for (const [name, machine] of [['native', topology.lb], ['nftlb', second]] as const) {
        if (!machine) throw new Error('There is no second appliance.')
        const engine = await startEngine(topology, machine, name)
        await engine.ask({ do: 'start', farms: [] })
        engines.set(name, { engine, machine, wire: await openWire(topology.router, machine, topology.folder) })
      }
    })
    afterAll(async () => {
      for (const { engine, wire } of engines.values()) {
        wire.close()
        await engine.ask({ do: 'stop' })
      }
      await topology?.remove()
    })

    test.each(cases.map((one, round) => [`${one.group}/${one.name}`, one.farms, round] as const))('%s: both engines send the same packets to the same backends', async (_, reported, round) => {
      for (const [index, [name, { engine, wire, machine }]] of [...engines].entries()) {
        // nftlb finds out the MAC of an interface at the next change, whatever it was told.
        const place = { iface: machine.nic.device, oface: machine.nic.device, 'ether-addr': machine.nic.mac }
        const farms = reported.map(({ name: farm, family, ...rest }): NftlbFarm => ({ name: farm, family, ...place, ...rest }))
        expect(await engine.ask({ do: 'change', farms }), name).toEqual({ mismatches: [], rejected: [] })
        expect(await seenWays(wire, machine, farms, 2 * round + index), name).toEqual(wantedWays(farms))
      }
    })

    test('there were cases with one and with several farms, backends and ports', () => {
      expect(cases.length).toBeGreaterThan(20)
      expect(Math.max(...cases.map(({ farms }) => farms.length))).toBeGreaterThan(1)
    })
  })
}
