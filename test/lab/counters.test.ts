import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AgentStats } from '#lib/domain/agent-protocol.ts'
import { agentSocket, type AgentSocket } from './agent-socket.ts'
import type { FarmWish } from './api.ts'
import { total } from './client.ts'
import { command, inside, setSysctls } from './command.ts'
import { openSite, type Site } from './fixture.ts'
import { pidOf } from './kernel.ts'
import type { Tally } from './programs/protocol.ts'
import { countArrivals, type Seen } from './seen.ts'
import { addressV4, addressV6, backendHost, lan } from './topology.ts'
import { until } from './until.ts'

let site: Site
let agent: AgentSocket
const names = ['web1', 'web2', 'web3']
const readers = new Map<string, () => Promise<Record<string, Seen>>>()

/** `match` is what a farm's packets look like when they arrive at a backend. */
const farms = [
  { name: 'direct', mode: 'dsr', vip: '203.0.113.100', ports: ['80'], url: 'http://203.0.113.100/', match: 'ip daddr 203.0.113.100 tcp dport 80' },
  { name: 'direct-v6', mode: 'dsr', vip: '2001:db8:113::100', ports: ['80'], url: 'http://[2001:db8:113::100]/', match: 'ip6 daddr 2001:db8:113::100 tcp dport 80' },
  { name: 'range', mode: 'dsr', vip: '203.0.113.101', ports: ['443', '8000-8010'], url: 'http://203.0.113.101:8001/', match: 'ip daddr 203.0.113.101 tcp dport 8001' },
  { name: 'range-v6', mode: 'dsr', vip: '2001:db8:113::101', ports: ['443', '8000-8010'], url: 'http://[2001:db8:113::101]:8001/', match: 'ip6 daddr 2001:db8:113::101 tcp dport 8001' },
  { name: 'every', mode: 'dsr', vip: '203.0.113.102', protocol: 'all', url: 'http://203.0.113.102:8080/', match: 'ip daddr 203.0.113.102 tcp dport 8080' },
  { name: 'stateless', mode: 'stateless-dnat', vip: '203.0.113.103', ports: ['81', '8020-8030'], url: 'http://203.0.113.103:8021/', match: 'tcp dport 8021 ip daddr 203.0.113.0/24' },
  { name: 'stateless-v6', mode: 'stateless-dnat', vip: '2001:db8:113::103', ports: ['81'], url: 'http://[2001:db8:113::103]:81/', match: 'tcp dport 81 ip6 daddr 2001:db8:113::/64' },
  { name: 'snat', mode: 'snat', vip: '203.0.113.104', ports: ['80'], port: 8041, url: 'http://203.0.113.104/', match: 'ip daddr 203.0.113.0/24 tcp dport 8041' },
  { name: 'snat-v6', mode: 'snat', vip: '2001:db8:113::104', ports: ['8000-8010'], port: 8041, url: 'http://[2001:db8:113::104]:8001/', match: 'ip6 daddr 2001:db8:113::/64 tcp dport 8041' },
  { name: 'dnat', mode: 'dnat', vip: '203.0.113.105', ports: ['8050-8060'], url: 'http://203.0.113.105:8051/', match: 'ip daddr 203.0.113.0/24 tcp dport 8051' },
  { name: 'dnat-v6', mode: 'dnat', vip: '2001:db8:113::105', protocol: 'all', url: 'http://[2001:db8:113::105]:8061/', match: 'ip6 daddr 2001:db8:113::/64 tcp dport 8061' },
  { name: 'native', mode: 'dsr', scheduler: 'maglev', vip: '203.0.113.106', ports: ['80', '8000-8010'], url: 'http://203.0.113.106:8001/', match: 'ip daddr 203.0.113.106 tcp dport 8001' },
  { name: 'native-v6', mode: 'dsr', scheduler: 'maglev', vip: '2001:db8:113::106', protocol: 'all', url: 'http://[2001:db8:113::106]:8080/', match: 'ip6 daddr 2001:db8:113::106 tcp dport 8080' },
] as const
type Kind = (typeof farms)[number]

const hostOf = (name: string): number => backendHost(names.indexOf(name))
const addressOf = (farm: Kind, name: string): string => (farm.vip.includes(':') ? addressV6(lan, hostOf(name)) : addressV4(lan, hostOf(name)))
const backendsOf = (farm: Kind, which: readonly string[]): Array<{ name: string; address: string; port: number | null }> =>
  which.map((name) => ({ name, address: addressOf(farm, name), port: 'port' in farm ? farm.port : null }))
const wish = (farm: Kind, which: readonly string[]): FarmWish => ({
  name: farm.name,
  mode: farm.mode,
  vip: farm.vip,
  scheduler: 'scheduler' in farm ? farm.scheduler : 'symhash',
  protocol: 'protocol' in farm ? farm.protocol : 'tcp',
  ports: 'ports' in farm ? [...farm.ports] : [],
  backends: backendsOf(farm, which),
})

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80, 81, 8001, 8021, 8041, 8051, 8061, 8080] })
  agent = agentSocket(site.appliance.socket)
  for (const name of names) {
    const matches = farms.map((farm) => [[farm.name, farm.match], [`${farm.name}.begun`, `${farm.match} tcp flags & (syn|ack) == syn`]] as const)
    readers.set(name, await countArrivals(site.machine(name), Object.fromEntries(matches.flat()), site.topology.lb))
    await replyByAppliance(name)
  }
})
afterAll(() => site?.remove())

/** Answers from a backend's own address go back through the appliance, those from a VIP straight to the client. */
async function replyByAppliance(name: string): Promise<void> {
  const run = (...argv: string[]): Promise<string> => command(inside(site.machine(name).namespace, ['ip', ...argv]))
  const four = ['-4', addressV4(lan, hostOf(name)), `${lan.v4}.0/24`, addressV4(lan, 2)] as const
  const six = ['-6', addressV6(lan, hostOf(name)), `${lan.v6}:/64`, addressV6(lan, 2)] as const
  for (const [flag, address, net, gateway] of [four, six]) {
    await run(flag, 'rule', 'add', 'from', address, 'table', '100')
    await run(flag, 'route', 'add', net, 'dev', 'eth0', 'table', '100')
    await run(flag, 'route', 'add', 'default', 'via', gateway, 'table', '100')
  }
}

/** What arrived of a farm's packets at each backend. */
async function arrived(farm: string): Promise<Record<string, { packets: number; bytes: number; connections: number }>> {
  const entries = await Promise.all(
    [...readers].map(async ([name, read]) => {
      const seen = await read()
      return [name, { packets: 0, bytes: 0, ...seen[farm], connections: seen[`${farm}.begun`]?.packets ?? 0 }] as const
    }),
  )
  return Object.fromEntries(entries)
}

function sumOf(all: Record<string, { packets: number; bytes: number; connections: number }>): { packets: number; bytes: number; connections: number } {
  return Object.values(all).reduce((sum, one) => ({ packets: sum.packets + one.packets, bytes: sum.bytes + one.bytes, connections: sum.connections + one.connections }), { packets: 0, bytes: 0, connections: 0 })
}

type FarmStats = AgentStats['farms'][number]

/** The farm's totals, once the last packets have arrived: they are those that arrived at its backends, and nothing was unsent. */
async function counted(farm: string): Promise<FarmStats> {
  let text = ''
  return until('the totals are what arrived at the backends', async () => {
    const seen = await arrived(farm)
    const stats = (await agent.freshStats()).farms.find(({ name }) => name === farm)
    const now = await arrived(farm)
    const of = ({ packets, bytes, connections }: { packets: number; bytes: number; connections: number }): string => JSON.stringify({ packets, bytes, connections })
    const wanted = [of(sumOf(seen)), ...(stats?.backends ?? []).map(({ name }) => `${name} ${of(seen[name] ?? { packets: 0, bytes: 0, connections: 0 })}`)]
    const actual = stats ? [of(stats), ...stats.backends.map((one) => `${one.name} ${of(one)}`)] : []
    text = `${wanted.join('; ')} arrived, ${actual.join('; ')} counted`
    return stats && stats.unsent === 0 && JSON.stringify(seen) === JSON.stringify(now) && wanted.join() === actual.join() ? stats : null
  }, 8000).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${text}`)
  })
}

test.each(farms)('$name: every packet, byte and connection that a backend gets is counted, and nothing else', async (farm) => {
  await site.appliance.api.putFarm(wish(farm, ['web1', 'web2']))
  if (farm.mode === 'dsr') await site.prepare(farm.name, names.slice(0, 2))
  await site.appliance.api.applied()
  await site.answers(farm.url)
  const before = await counted(farm.name)
  const tally = await site.client.request({ url: farm.url, count: 200 })
  expect(tally.failures).toEqual([])
  const after = await counted(farm.name)
  expect(after.connections - before.connections).toBe(200)
  expect(after.backends.map(({ name, connections }) => [name, connections - (before.backends.find((one) => one.name === name)?.connections ?? 0)])).toEqual(Object.entries(tally.answered).sort())
})

test('datagrams are counted in a farm of all ports and protocols, and are no connections', async () => {
  const before = await counted('every')
  const udp = await site.client.udp({ address: '203.0.113.102', port: 8080, count: 50 })
  expect(udp.failures).toEqual([])
  const { farms: now } = await agent.freshStats()
  const after = now.find(({ name }) => name === 'every')
  expect(after).toMatchObject({ packets: before.packets + 50, connections: before.connections })
})

const changing = farms.filter(({ name }) => ['direct', 'stateless', 'snat-v6', 'native'].includes(name))

test.each(changing)('$name: the totals stay exact while backends are drained, weighted and replaced, and agent and nftlb are killed', async (farm) => {
  const { appliance, client, topology } = site
  const { api } = appliance
  if (farm.mode === 'dsr') {
    await setSysctls(site.machine('web3').namespace, { 'net/ipv4/conf/all/arp_ignore': '1', 'net/ipv4/conf/all/arp_announce': '2' })
    await topology.run(site.machine('web3'), ['ip', 'addr', 'add', `${farm.vip}/32`, 'dev', 'lo'])
  }
  const before = await counted(farm.name)
  const sums: Tally = { answered: {}, failures: [] }
  await client.flow({ name: 'clients', url: farm.url, perSecond: 100, timeoutMs: 2000 })
  const collect = async (): Promise<number> => {
    const report = await client.report('clients')
    for (const [name, count] of Object.entries(report.answered)) sums.answered[name] = (sums.answered[name] ?? 0) + count
    sums.failures.push(...report.failures)
    return total(sums)
  }
  const some = async (): Promise<void> => {
    const start = await collect()
    await until('some more requests are answered', async () => (await collect()) - start > 50)
  }
  await some()
  await api.setAdminState(farm.name, 'web2', 'draining')
  await some()
  await api.setAdminState(farm.name, 'web2', 'enabled')
  await api.patchFarm(farm.name, { backends: backendsOf(farm, ['web1', 'web2']).map((backend, index) => ({ ...backend, weight: index + 1 })) })
  await some()
  await api.patchFarm(farm.name, { backends: backendsOf(farm, ['web1', 'web3']) })
  await some()
  await appliance.agent().end('SIGKILL')
  await some()
  await appliance.startAgent()
  await api.applied()
  await some()
  process.kill((await pidOf(topology.lb, 'nftlb')) ?? 0, 'SIGKILL')
  await until('nftlb runs again', async () => (await pidOf(topology.lb, 'nftlb')) !== null && !(await api.status()).pending)
  await some()
  // The same machine under another name: its packets are of two backends now, and none is lost between them.
  await api.patchFarm(farm.name, { backends: backendsOf(farm, ['web1', 'web3']).map((backend) => ({ ...backend, name: backend.name === 'web3' ? 'heir' : 'web1' })) })
  await some()
  const last = await client.stop('clients')
  const answered = total(sums) + total(last)
  const failures = [...sums.failures, ...last.failures]
  let seen = ''
  const stats = await until('the totals are what arrived at the backends', async () => {
    const now = (await agent.freshStats()).farms.find(({ name }) => name === farm.name)
    const { packets, bytes, connections } = sumOf(await arrived(farm.name))
    seen = `${JSON.stringify(now)} counted, ${packets} packets of ${bytes} bytes arrived with ${connections} connections`
    return now && now.packets === packets && now.bytes === bytes && now.connections === connections ? now : null
  }, 8000).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${seen}`)
  })
  // A client that the appliance refuses while nftlb loads its rules again has failed without ever reaching a backend.
  expect(stats.connections - before.connections).toBeGreaterThanOrEqual(answered)
  expect(stats.connections - before.connections, failures.join('; ')).toBeLessThanOrEqual(answered + failures.length)
  const { web1, web3 } = await arrived(farm.name)
  expect(stats.backends.find(({ name }) => name === 'web1')).toEqual({ name: 'web1', ...web1 })
  const heir = stats.backends.find(({ name }) => name === 'heir')
  expect(heir?.packets).toBeGreaterThan(0)
  // The native engine knows a backend by its address, so that a new name keeps the totals.
  if (farm.name === 'native') expect(heir?.packets).toBeGreaterThanOrEqual(web3?.packets ?? Infinity)
  else expect(heir?.packets).toBeLessThan(web3?.packets ?? 0)
})

test('counters that somebody deletes come back with their totals, and no packet is lost meanwhile', async () => {
  const { client, topology } = site
  const nft = (...args: string[]): Promise<string> => topology.run(topology.lb, ['nft', ...args])
  const [direct, snat] = [await counted('direct-v6'), await counted('snat')]
  await nft('delete', 'table', 'netdev', 'tangent-counters')
  await nft('delete', 'table', 'inet', 'tangent-counters')
  expect((await client.request({ url: 'http://[2001:db8:113::100]/', count: 50 })).failures).toEqual([])
  expect((await client.request({ url: 'http://203.0.113.104/', count: 50 })).failures).toEqual([])
  const back = await until('the tables are there again', async () => {
    const tables = await nft('list', 'tables')
    return tables.includes('netdev tangent-counters') && tables.includes('inet tangent-counters')
  }, 60_000)
  expect(back).toBe(true)
  const start = await agent.freshStats()
  const [directAgain, snatAgain] = ['direct-v6', 'snat'].map((farm) => start.farms.find(({ name }) => name === farm))
  expect(directAgain?.connections).toBeGreaterThanOrEqual(direct.connections)
  expect(snatAgain?.packets).toBeGreaterThanOrEqual(snat.packets)
  expect((await client.request({ url: 'http://203.0.113.104/', count: 50 })).failures).toEqual([])
  const after = (await agent.freshStats()).farms.find(({ name }) => name === 'snat')
  expect((after?.connections ?? 0) - (snatAgain?.connections ?? 0)).toBe(50)
})

test('a farm that is deleted leaves no counters behind, and one that is made anew begins with nothing', async () => {
  const { api } = site.appliance
  const farm = farms[0]
  await api.deleteFarm(farm.name)
  const text = await site.topology.run(site.topology.lb, ['nft', 'list', 'table', 'netdev', 'tangent-counters'])
  expect(text).not.toMatch(/f_direct\b(?!_)/)
  await api.putFarm(wish(farm, ['web1']))
  await api.applied()
  expect((await agent.freshStats()).farms.find(({ name }) => name === 'direct')).toMatchObject({ packets: 0, connections: 0, backends: [{ name: 'web1', packets: 0 }] })
})
