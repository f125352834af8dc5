import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, inside, setSysctls } from './command.ts'
import { broken, perBackend } from './held.ts'
import { createLab, type Lab } from './lab.ts'
import { packetCost, swallow } from './pump.ts'
import { countArrivals, countDepartures } from './seen.ts'
import { flood, tellTooBig, toldOfConnections, tooBigMatch } from './spoof.ts'
import { addStandby, copyRules, floodLan } from './standby.ts'
import type { Machine } from './topology.ts'
import { until } from './until.ts'

let lab: Lab
const machine = (name: string): Machine => {
  const found = lab.topology.backends.find((one) => one.name === name)
  if (!found) throw new Error(`There is no ${name}.`)
  return found
}
const nft = (where: Machine, text: string): Promise<string> => command(inside(where.namespace, ['nft', text]))

beforeAll(async () => {
  lab = await createLab({ backends: ['web1', 'web2'], ports: [80] })
})
afterAll(() => lab?.remove())

test.each([
  ['IPv4', '203.0.113.21', 'ip daddr 203.0.113.21'],
  ['IPv6', '2001:db8:113::21', 'ip6 daddr 2001:db8:113::21'],
])('a flood of 70,000 SYNs over %s arrives, and the clients are taken for real ones', async (family, address, match) => {
  const begun = `${match} tcp dport 80 tcp flags & (syn|ack) == syn`
  const read = await countArrivals(machine('web1'), { [`syn-${family}`]: begun }, lab.topology.router)
  const answered = await countDepartures(machine('web1'), `${match.replace('daddr', 'saddr')} tcp flags & (syn|ack) == (syn|ack)`)
  await flood(lab.topology, { address, port: 80, count: 70_000 })
  const seen = await until('all have arrived', async () => {
    const { packets = 0 } = (await read())[`syn-${family}`] ?? {}
    return packets >= 70_000 ? packets : null
  })
  expect(seen).toBe(70_000)
  // A backend answers only SYNs whose checksums are right.
  expect((await answered())[machine('web1').nic.mac]).toBeGreaterThan(1000)
})

test.each([
  ['ipv4', 'http://203.0.113.22/', '203.0.113.22', '198.51.100.10'],
  ['ipv6', 'http://[2001:db8:113::22]/', '2001:db8:113::22', '2001:db8:51::10'],
] as const)("a router's word over %s that an answer is too big reaches a machine, and it is known whether the connection is there", async (family, url, vip, address) => {
  const { client, topology } = lab
  const [web1, web2] = [machine('web1'), machine('web2')]
  const read = await countArrivals(web2, { [`too-big-${family}`]: tooBigMatch[family] }, topology.router)
  const before = await toldOfConnections(web2)
  await client.hold({ name: family, url, connections: 1 })
  const [clientPort = 0] = await client.ports(family)
  await tellTooBig(topology, { vip, port: 80, client: address, clientPort })
  await until('it has arrived', async () => (await read())[`too-big-${family}`]?.packets === 1)
  expect(await toldOfConnections(web2)).toBe(before + 1)
  await tellTooBig(topology, { vip, port: 80, client: address, clientPort: clientPort - 1 })
  await until('it has arrived', async () => (await read())[`too-big-${family}`]?.packets === 2)
  expect(await toldOfConnections(web2)).toBe(before + 1)
  expect(await toldOfConnections(web1)).toBe(0)
})

test.each([
  ['IPv4', '203.0.113.21', 'ip frag-off & 0x1fff != 0', 2],
  ['IPv6', '2001:db8:113::21', 'exthdr frag exists', 3],
])('datagrams of 4,000 bytes travel in fragments over %s and are answered', async (family, address, match, each) => {
  const read = await countArrivals(machine('web1'), { [`frag-${family}`]: match }, lab.topology.router)
  expect(await lab.client.udp({ address, port: 80, count: 20, size: 4000 })).toEqual({ answered: { web1: 20 }, failures: [] })
  expect((await read())[`frag-${family}`]?.packets).toBe(20 * each)
})

test('of 500 held connections those that broke are known by their backend', async () => {
  const { client, topology } = lab
  const one = await client.hold({ name: 'many', url: 'http://203.0.113.21/', connections: 500 })
  expect(perBackend(one)).toEqual({ web1: 500 })
  expect(broken(one, await client.use('many'))).toEqual({})
  await topology.run(topology.client, ['ip', 'route', 'add', 'unreachable', '203.0.113.21'])
  expect(broken(one, await client.use('many'))).toEqual({ web1: 500 })
  await topology.run(topology.client, ['ip', 'route', 'del', 'unreachable', '203.0.113.21'])
})

test('a standby that forwards what the switch floods is seen by the frames that leave it', async () => {
  const { client, topology } = lab
  const [{ lb }, web1] = [topology, machine('web1')]
  const rule = `ip daddr 203.0.113.100 tcp dport 80 ether saddr set ${lb.nic.mac} ether daddr set ${web1.nic.mac} fwd to eth0`
  await nft(lb, `add table netdev rules ; add chain netdev rules in { type filter hook ingress device eth0 priority 0 ; } ; add rule netdev rules in meta pkttype host ${rule}`)
  await topology.run(lb, ['ip', 'addr', 'add', '203.0.113.100/32', 'dev', 'eth0'])
  await setSysctls(web1.namespace, { 'net/ipv4/conf/all/arp_ignore': '1', 'net/ipv4/conf/all/arp_announce': '2' })
  await topology.run(web1, ['ip', 'addr', 'add', '203.0.113.100/32', 'dev', 'lo'])
  const standby = await addStandby(topology)
  await copyRules(topology, lb, standby)
  await floodLan(topology)
  const left = await countDepartures(standby, 'ip daddr 203.0.113.100')
  const forwarded = await countDepartures(lb, 'ip daddr 203.0.113.100')
  const ask = async (): Promise<string[]> => (await client.request({ url: 'http://203.0.113.100/', count: 10 })).failures
  expect(await ask()).toEqual([])
  expect((await forwarded())[lb.nic.mac]).toBeGreaterThan(10)
  expect(await left()).toEqual({})

  await nft(standby, `flush chain netdev rules in ; add rule netdev rules in ${rule}`)
  expect(await ask()).toEqual([])
  expect((await left())[lb.nic.mac]).toBeGreaterThan(10)
})

test('what a packet costs on its way is measured without losing one', async () => {
  const target = { address: '203.0.113.22', port: 9 }
  const swallowed = await swallow(machine('web2'), target)
  const { delivered, nsPerPacket } = await packetCost(lab.topology.client, target, [swallowed], { packets: 96_000 })
  expect(delivered).toBe(96_000 + 16 * 60)
  expect(nsPerPacket).toBeGreaterThan(100)
  expect(nsPerPacket).toBeLessThan(100_000)
})
