import { afterAll, beforeAll, expect, test } from 'vitest'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { brokenSince, hold, receiving } from './hitless.ts'
import { countDepartures } from './seen.ts'
import { flood, tellTooBig, toldOfConnections } from './spoof.ts'
import { addStandby, copyRules, floodLan } from './standby.ts'
import type { Machine } from './topology.ts'
import { until } from './until.ts'

const names = ['web1', 'web2', 'web3']
const backendsV6 = names.map((name, index) => ({ name, address: `2001:db8:113::${21 + index}` }))
const [vip, vipV6] = ['203.0.113.100', '2001:db8:113::100']
const urls = { ipv4: `http://${vip}/`, ipv6: `http://[${vipV6}]/` } as const
const clients = { ipv4: '198.51.100.10', ipv6: '2001:db8:51::10' } as const

let site: Site

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80, 53] })
  const { api } = site.appliance
  await api.putFarm({ name: 'web', vip, ports: ['80'], handoverSize: 1024, backends: backendsOf(names) })
  await api.putFarm({ name: 'web-v6', vip: vipV6, ports: ['80'], backends: backendsV6 })
  await api.putFarm({ name: 'dns', vip, ports: ['53'], protocol: 'udp', backends: backendsOf(names) })
  await api.putFarm({ name: 'dns-v6', vip: vipV6, ports: ['53'], protocol: 'udp', backends: backendsV6 })
  for (const farm of ['web', 'web-v6']) await site.prepare(farm)
  await api.applied()
  for (const url of Object.values(urls)) await site.answers(url)
})
afterAll(() => site?.remove())

test('what the appliance sends carries its own MAC, and a standby on a flooding switch forwards nothing', async () => {
  const { topology, client } = site
  const standby: Machine = await addStandby(topology)
  await copyRules(topology, topology.lb, standby)
  await floodLan(topology)
  const sent = await countDepartures(topology.lb, `ip daddr ${vip}`)
  const leaked = await countDepartures(standby, `ip daddr ${vip}`)
  await topology.run(standby, ['nft', `add table netdev heard ; add chain netdev heard in { type filter hook ingress device eth0 priority -10 ; } ; add rule netdev heard in ip daddr ${vip} counter`])
  expect((await client.request({ url: urls.ipv4, count: 100 })).failures).toEqual([])
  expect(Object.keys(await sent())).toEqual([topology.lb.nic.mac])
  const heard = Number(/counter packets (\d+)/.exec(await topology.run(standby, ['nft', 'list', 'table', 'netdev', 'heard']))?.[1])
  expect(heard).toBeGreaterThan(100)
  expect(await leaked()).toEqual({})
})

test('70,000 made-up clients fill the memory of a handover, and nobody is refused: neither old connections nor new ones', async () => {
  const { api } = site.appliance
  const old = await hold(site, 'old', urls.ipv4, 100)
  await api.setAdminState('web', 'web3', 'draining')
  await flood(site.topology, { address: vip, port: 80, count: 70_000 })
  expect((await site.client.request({ url: urls.ipv4, count: 300 })).failures).toEqual([])
  const young = await hold(site, 'young', urls.ipv4, 100)
  expect(await brokenSince(site, 'old', old)).toMatchObject({ others: 0, own: 0, of: 100 })
  await api.setAdminState('web', 'web3', 'enabled')
  expect(await brokenSince(site, 'old', old)).toMatchObject({ others: 0, own: 0, of: 100 })
  expect(await brokenSince(site, 'young', young)).toMatchObject({ others: 0, own: 0, of: 100 })
  expect(await receiving(site, urls.ipv4)).toEqual(names)
  for (const name of ['old', 'young']) await site.client.release(name)
})

test.each([
  ['IPv4', vip],
  ['IPv6', vipV6],
])('datagrams of 4,000 bytes over %s reach one backend with all of their fragments', async (_family, address) => {
  await until('the services have found their address', async () => (await site.client.udp({ address, port: 53, count: 20 })).failures.length === 0)
  const tally = await site.client.udp({ address, port: 53, count: 400, size: 4000 })
  expect(tally.failures).toEqual([])
  expect(Object.keys(tally.answered).sort()).toEqual(names)
})

test.each(['ipv4', 'ipv6'] as const)("a router's word over %s that an answer is too big reaches the backend with the connection, also one that began in a handover", async (family) => {
  const { appliance, client } = site
  const farm = family === 'ipv4' ? 'web' : 'web-v6'
  const old = await hold(site, 'old', urls[family], 12)
  await appliance.api.setAdminState(farm, 'web1', 'draining')
  const young = await hold(site, 'young', urls[family], 12)
  await appliance.api.setAdminState(farm, 'web1', 'enabled')
  const flows = [
    ...(await client.ports('old')).map((port, index) => ({ port, backend: old[index] })),
    ...(await client.ports('young')).map((port, index) => ({ port, backend: young[index] })),
  ]
  for (const { port, backend } of flows) {
    const machine = site.machine(backend ?? '')
    const before = await toldOfConnections(machine)
    await tellTooBig(site.topology, { vip: family === 'ipv4' ? vip : vipV6, port: 80, client: clients[family], clientPort: port })
    await until(`${backend} hears about its connection from port ${port}`, async () => (await toldOfConnections(machine)) === before + 1, 3000)
  }
  for (const name of ['old', 'young']) await client.release(name)
})
