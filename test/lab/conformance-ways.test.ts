import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packetProtocols, type FarmInput } from '#lib/domain/farm.ts'
import { openWire, type Wire } from './conformance-wire.ts'
import { protocolNumbers, type Packet, type Protocol, type Seen } from './conformance-frames.ts'
import { openSite, type Site } from './fixture.ts'
import { countArrivals } from './seen.ts'
import { addressV4, addressV6, backendHost, lan } from './topology.ts'

let site: Site
let wire: Wire

const names = ['web1', 'web2']
const everyProtocol = Object.keys(protocolNumbers) as Protocol[]
const clients = Array.from({ length: 16 }, (_, index) => 30_000 + index)

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80] })
  wire = await openWire(site.topology.router, site.topology.lb, site.topology.folder)
})
afterAll(async () => {
  wire?.close()
  await site?.remove()
})

/** What a farm says of ports, ports that it must take, and ports that it must not. */
const shapes = [
  { shape: 'a single port', ports: ['80'], inside: [80], outside: [1, 79, 81, 65535] },
  { shape: 'several ports', ports: ['80', '443', '8080'], inside: [80, 443, 8080], outside: [79, 81, 442, 444] },
  { shape: 'a range', ports: ['8000-8010'], inside: [8000, 8005, 8010], outside: [80, 7999, 8011] },
  { shape: 'ports and ranges', ports: ['80', '1000-1999', '2000-2001'], inside: [80, 1000, 1999, 2000, 2001], outside: [79, 999, 2002] },
  { shape: 'all ports', ports: [], inside: [1, 80, 65535], outside: [] },
]
const families = ['IPv4', 'IPv6'] as const
const farms = families.flatMap((family) => (['tcp', 'udp', 'sctp', 'all'] as const).flatMap((protocol) => shapes.map((shape) => ({ family, protocol, ...shape }))))
type Way = (typeof farms)[number]

/** Every farm has a VIP of its own; those of one engine come after those of the other. */
function vipOf(way: Way, engine: number): string {
  const host = 100 + farms.indexOf(way) % 20 + engine * 20
  return way.family === 'IPv6' ? addressV6(lan, host) : addressV4(lan, host)
}

function wish(way: Way, scheduler: FarmInput['scheduler'], engine: number): FarmInput & { backends: NonNullable<FarmInput['backends']> } {
  const address = (index: number): string => (way.family === 'IPv6' ? addressV6 : addressV4)(lan, backendHost(index))
  return { name: `${scheduler}-${farms.indexOf(way)}`, vip: vipOf(way, engine), protocol: way.protocol, ports: way.ports, scheduler, backends: names.map((name, index) => ({ name, address: address(index) })) }
}

function packets(way: Way, vip: string, ports: readonly number[], protocols: readonly Protocol[]): Packet[] {
  const to = site.topology.lb.nic.mac
  return protocols.flatMap((protocol) => ports.flatMap((port) => clients.map((clientPort) => ({ to, vip, protocol, port, clientPort }))))
}

const key = ({ vip, protocol, port, clientPort }: Packet): string => `${protocol} ${vip} ${port} ${clientPort}`

describe.each([['maglev', 'native', 0], ['symhash', 'nftlb', 1]] as const)('scheduler %s', (scheduler, engine, number) => {
  beforeAll(async () => {
    const { api } = site.appliance
    for (const way of farms) await api.putFarm(wish(way, scheduler, number))
    const status = await api.applied()
    expect(status.farms.filter(({ name }) => name.startsWith(`${scheduler}-`)).map((farm) => farm.engine)).toEqual(farms.map(() => engine))
  })

  test.each(farms.map((way) => [way.family, way.protocol, way.shape, way] as const))('%s, %s, %s: exactly its packets go to both backends, with the appliance as their sender', async (_family, _protocol, _shape, way) => {
    const vip = vipOf(way, number)
    const own = packetProtocols(way.protocol)
    const foreign = [...packets(way, vip, way.outside, everyProtocol), ...packets(way, vip, way.inside, everyProtocol.filter((one) => !own.includes(one)))]
    const wanted = packets(way, vip, way.inside, own)
    const seen: Seen[] = await wire.through([...foreign, ...wanted])
    expect(seen.map(key)).toEqual(wanted.map(key))
    expect(new Set(seen.map(({ to }) => to))).toEqual(new Set(site.topology.backends.map(({ nic }) => nic.mac)))
    expect(new Set(seen.map(({ from }) => from))).toEqual(new Set([site.topology.lb.nic.mac]))
  })

  test(`SCTP packets arrive at the backends (associations are not tried: this kernel has ${existsSync('/proc/sys/net/sctp') ? 'SCTP, the lab no service' : 'no SCTP'})`, async () => {
    for (const way of farms.filter(({ protocol, shape }) => protocol === 'sctp' && shape === 'a single port')) {
      const readers = await Promise.all(site.topology.backends.map((backend) => countArrivals(backend, { [`sctp_${scheduler}_${way.family}`]: `meta l4proto sctp ${way.family === 'IPv6' ? 'ip6' : 'ip'} daddr ${vipOf(way, number)}` }, site.topology.lb)))
      await wire.through(packets(way, vipOf(way, number), [80], ['sctp']))
      const arrived = await Promise.all(readers.map(async (read) => (await read())[`sctp_${scheduler}_${way.family}`]?.packets ?? 0))
      expect(arrived.reduce((sum, one) => sum + one, 0)).toBe(clients.length)
      expect(Math.min(...arrived)).toBeGreaterThan(0)
    }
  })
})
