import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agentSocket, type AgentSocket } from './agent-socket.ts'
import type { FarmWish } from './api.ts'
import { engines, openConformance, pool, receivers, shares, type Conformance } from './conformance-site.ts'
import { replaceNic } from './nic.ts'
import { addressV4, lan } from './topology.ts'
import { withoutDoctor } from './kernel.ts'
import { until } from './until.ts'

let site: Conformance
let agent: AgentSocket

const names = ['web1', 'web2', 'web3']

beforeAll(async () => {
  site = await openConformance(names)
  agent = agentSocket(site.appliance.socket)
  await site.nft(foreign)
})
afterAll(() => site?.remove())

describe.each(engines)('engine %s', (engine, scheduler) => {
  const host = engine === 'native' ? 100 : 140
  const vip = (index: number): string => addressV4(lan, host + index)
  const put = async (farm: Omit<FarmWish, 'scheduler'>): Promise<void> => {
    await site.appliance.api.putFarm({ scheduler, ports: ['80'], ...farm })
    await site.appliance.api.applied()
    expect((await site.appliance.api.farmStatus(farm.name)).engine).toBe(farm.adminState === 'disabled' ? null : engine)
  }
  const name = (what: string): string => `${engine}-${what}`

  test('two farms share a VIP on different ports, each with backends of its own', async () => {
    await put({ name: name('port-80'), vip: vip(0), ports: ['80'], backends: pool(names, ['web1', 'web2']) })
    await put({ name: name('port-81'), vip: vip(0), ports: ['81'], backends: pool(names, ['web3']) })
    expect(receivers(await site.flows({ vip: vip(0), port: 80 }))).toEqual(['web1', 'web2'])
    expect(shares(await site.flows({ vip: vip(0), port: 81 }))).toEqual({ web3: 400 })
    expect(shares(await site.flows({ vip: vip(0), port: 82 }))).toEqual({})
  })

  test('a farm of all TCP ports stands beside one of a UDP port on the same VIP', async () => {
    await put({ name: name('every-port'), vip: vip(1), ports: [], backends: pool(names, ['web1']) })
    await put({ name: name('udp-53'), vip: vip(1), ports: ['53'], protocol: 'udp', backends: pool(names, ['web2']) })
    expect(shares(await site.flows({ vip: vip(1), port: 53 }))).toEqual({ web1: 400 })
    expect(shares(await site.flows({ vip: vip(1), port: 53, protocol: 'udp' }))).toEqual({ web2: 400 })
    expect(shares(await site.flows({ vip: vip(1), port: 54, protocol: 'udp' }))).toEqual({})
  })

  test('of priorities the lowest number is served; the next takes over when nobody of it is left, and gives back', async () => {
    const tiers = { web2: { priority: 2 }, web3: { priority: 2 } }
    await put({ name: name('tiers'), vip: vip(2), backends: pool(names, names, tiers) })
    expect(shares(await site.flows({ vip: vip(2) }))).toEqual({ web1: 400 })
    await site.appliance.api.setAdminState(name('tiers'), 'web1', 'disabled')
    expect(receivers(await site.flows({ vip: vip(2) }))).toEqual(['web2', 'web3'])
    await site.appliance.api.setAdminState(name('tiers'), 'web1', 'enabled')
    expect(shares(await site.flows({ vip: vip(2) }))).toEqual({ web1: 400 })
  })

  test('clients are shared out by weight, within 5 % of each weight', async () => {
    await put({ name: name('weights'), vip: vip(3), backends: pool(names, names, { web2: { weight: 2 }, web3: { weight: 5 } }) })
    const clients = 50_000
    const counts = shares(await site.flows({ vip: vip(3), clients }))
    for (const [backend, weight] of [['web1', 1], ['web2', 2], ['web3', 5]] as const) {
      expect(Math.abs((counts[backend] ?? 0) / (clients * (weight / 8)) - 1), `${backend} of ${JSON.stringify(counts)}`).toBeLessThan(0.05)
    }
  })

  test('a backend that is drained or disabled gets no new client, and gets some again when it is enabled', async () => {
    const { api } = site.appliance
    await put({ name: name('states'), vip: vip(4), backends: pool(names) })
    for (const state of ['draining', 'disabled'] as const) {
      await api.setAdminState(name('states'), 'web2', state)
      expect(receivers(await site.flows({ vip: vip(4) }))).toEqual(['web1', 'web3'])
      await api.setAdminState(name('states'), 'web2', 'enabled')
      expect(receivers(await site.flows({ vip: vip(4) }))).toEqual(names)
    }
  })

  test('what is added is served, what is removed is not: backends, ports, the VIP, the farm', async () => {
    const { api } = site.appliance
    const farm = name('edited')
    await put({ name: farm, vip: vip(5), ports: ['80', '81'], backends: pool(names, ['web1']) })
    await api.patchFarm(farm, { backends: pool(names, ['web1', 'web2']) })
    expect(receivers(await site.flows({ vip: vip(5) }))).toEqual(['web1', 'web2'])
    await api.patchFarm(farm, { backends: pool(names, ['web2', 'web3']) })
    expect(receivers(await site.flows({ vip: vip(5) }))).toEqual(['web2', 'web3'])
    await api.patchFarm(farm, { ports: ['81', '8000-8010'] })
    expect(receivers(await site.flows({ vip: vip(5), port: 80 }))).toEqual([])
    expect(receivers(await site.flows({ vip: vip(5), port: 8010 }))).toEqual(['web2', 'web3'])
    await api.patchFarm(farm, { vip: vip(6) })
    expect(receivers(await site.flows({ vip: vip(5), port: 81 }))).toEqual([])
    expect(receivers(await site.flows({ vip: vip(6), port: 81 }))).toEqual(['web2', 'web3'])
    await api.patchFarm(farm, { adminState: 'disabled' })
    expect(receivers(await site.flows({ vip: vip(6), port: 81 }))).toEqual([])
    await api.patchFarm(farm, { adminState: 'enabled' })
    expect(receivers(await site.flows({ vip: vip(6), port: 81 }))).toEqual(['web2', 'web3'])
    await api.deleteFarm(farm)
    expect(receivers(await site.flows({ vip: vip(6), port: 81 }))).toEqual([])
  })

  test('clients are answered by the backends themselves, over TCP and UDP, and each request is counted', async () => {
    const { client, topology } = site
    await put({ name: name('served'), vip: vip(10), ports: ['81'], protocol: 'all', backends: pool(names) })
    for (const backend of topology.backends) await topology.run(backend, ['ip', 'addr', 'add', `${vip(10)}/32`, 'dev', 'lo'])
    await until('the services have found their new address', async () => (await client.udp({ address: vip(10), port: 81, count: 20 })).failures.length === 0)
    const before = (await agent.freshStats()).farms.find((farm) => farm.name === name('served'))
    const [tcp, udp] = [await client.request({ url: `http://${vip(10)}:81/`, count: 100 }), await client.udp({ address: vip(10), port: 81, count: 50 })]
    expect([tcp.failures, udp.failures]).toEqual([[], []])
    const after = (await agent.freshStats()).farms.find((farm) => farm.name === name('served'))
    const grown = after?.backends.map((one, index) => [one.name, one.connections - (before?.backends[index]?.connections ?? 0)])
    expect(Object.fromEntries(grown ?? [])).toEqual(tcp.answered)
    expect((after?.packets ?? 0) - (before?.packets ?? 0)).toBeGreaterThanOrEqual(4 * 100 + 50)
  })

  test('every packet is counted for the backend that got it', async () => {
    await put({ name: name('counted'), vip: vip(7), backends: pool(names) })
    const sums: Record<string, number> = {}
    for (let round = 0; round < 2; round++) {
      for (const [backend, count] of Object.entries(shares(await site.flows({ vip: vip(7) })))) sums[backend] = (sums[backend] ?? 0) + count
    }
    const stats = (await agent.freshStats()).farms.find((farm) => farm.name === name('counted'))
    expect(stats).toMatchObject({ packets: 800, connections: 800, unsent: 0 })
    expect(stats?.backends.map((one) => [one.name, one.packets, one.connections])).toEqual(names.map((one) => [one, sums[one], sums[one]]))
  })

  test('without a backend for new clients nothing leaves the appliance', async () => {
    await put({ name: name('empty'), vip: vip(8), backends: pool(names, ['web1'], { web1: { adminState: 'disabled' } }) })
    expect(shares(await site.flows({ vip: vip(8) }))).toEqual({})
    const stats = (await agent.freshStats()).farms.find((farm) => farm.name === name('empty'))
    expect(stats).toMatchObject({ packets: 0, connections: 0, unsent: engine === 'native' ? 400 : 0 })
  })

  test('tables of others stay as they are, whatever is created, changed, deleted and repaired', async () => {
    const { api } = site.appliance
    const before = await listForeign()
    await put({ name: name('beside'), vip: vip(9), backends: pool(names) })
    await api.patchFarm(name('beside'), { ports: ['80', '443'], backends: pool(names, ['web1', 'web2']) })
    const rules = await ownRules(engine)
    await breakRules(engine, name('beside'))
    // Nobody tells the agent of nftlb's rules; it looks at them every few seconds, on a busy machine less often.
    await until('the rules are put right', async () => (await ownRules(engine)) === rules, 60_000)
    expect(receivers(await site.flows({ vip: vip(9), port: 443 }))).toEqual(['web1', 'web2'])
    await api.deleteFarm(name('beside'))
    expect(await listForeign()).toBe(before)
  })
})

test('a farm of each engine shares one VIP, and every VIP of a native farm is served alike; nftlb has one VIP only', async () => {
  const { api } = site.appliance
  const [shared, second] = [addressV4(lan, 180), addressV4(lan, 181)]
  await api.putFarm({ name: 'ours', scheduler: 'maglev', vip: shared, additionalVips: [second], ports: ['80'], backends: pool(names, ['web1', 'web2']) })
  await api.putFarm({ name: 'theirs', scheduler: 'symhash', vip: shared, ports: ['81'], backends: pool(names, ['web3']) })
  await api.applied()
  const first = await site.flows({ vip: shared })
  expect(receivers(first)).toEqual(['web1', 'web2'])
  expect(await site.flows({ vip: second })).toEqual(first)
  expect(shares(await site.flows({ vip: shared, port: 81 }))).toEqual({ web3: 400 })
  expect(shares(await site.flows({ vip: second, port: 81 }))).toEqual({})
  const refusal = await api.refusal({ name: 'several', scheduler: 'symhash', vip: addressV4(lan, 184), additionalVips: [addressV4(lan, 185)] })
  expect(refusal.errors?.map(({ pointer }) => pointer)).toContain('/additionalVips')
})

test('frames for another machine, which a flooding switch shows, are left alone by the native engine; nftlb sends them on', async () => {
  const { api } = site.appliance
  await api.putFarm({ name: 'left-alone', scheduler: 'maglev', vip: addressV4(lan, 182), ports: ['80'], backends: pool(names) })
  await api.putFarm({ name: 'sent-on', scheduler: 'symhash', vip: addressV4(lan, 183), ports: ['80'], backends: pool(names) })
  await api.applied()
  const to = '02:00:00:00:00:99'
  expect((await site.flows({ vip: addressV4(lan, 182), to })).size).toBe(0)
  expect((await site.flows({ vip: addressV4(lan, 182) })).size).toBe(400)
  expect((await site.flows({ vip: addressV4(lan, 183), to })).size).toBe(400)
})

test.each(['SIGKILL', 'SIGTERM'] as const)('an agent that ended by %s and starts on a machine with everything in place changes nothing', async (signal) => {
  const { appliance, nft } = site
  const listed = async (): Promise<string> => withoutDoctor(await nft('-s', 'list', 'ruleset'))
  const before = await listed()
  await appliance.agent().end(signal)
  await appliance.startAgent()
  await appliance.api.applied()
  expect(await listed()).toBe(before)
})

// The last one: what is listened to is plugged out with the card.
test('a replaced card of the appliance is served from within seconds, by both engines', async () => {
  const { client, topology } = site
  const served = engines.map(([engine]) => `http://${addressV4(lan, engine === 'native' ? 110 : 150)}:81/`)
  topology.lb.nic = await replaceNic(topology.lb.namespace, topology.lb.nic)
  for (const url of served) await until(`${url} is answered again`, async () => (await client.request({ url, count: 50, timeoutMs: 1000 })).failures.length === 0, 30_000)
})

/** Rules of somebody else on the same interface, before and behind those of the engines. */
const foreign = `
table netdev others {
  set some { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }
  chain first { type filter hook ingress device "eth0" priority 0; policy accept; ip saddr @some drop; }
  chain last { type filter hook ingress device "eth0" priority 200; policy accept; ip saddr 192.0.2.3 drop; }
}
table inet others {
  map ways { type inet_service : verdict; elements = { 22 : accept }; }
  chain in { type filter hook input priority 0; policy accept; tcp dport vmap @ways; }
}
table ip others {
  chain nat { type nat hook prerouting priority -100; policy accept; ip daddr 192.0.2.9 dnat to 192.0.2.10; }
}`

async function listForeign(): Promise<string> {
  return (await Promise.all(['netdev', 'inet', 'ip'].map((family) => site.nft('-s', '-a', 'list', 'table', family, 'others')))).join('\n')
}

function tableOf(engine: string): string {
  return engine === 'native' ? 'tangent' : 'nftlb'
}

function ownRules(engine: string): Promise<string> {
  return site.nft('-s', 'list', 'table', 'netdev', tableOf(engine))
}

async function breakRules(engine: string, farm: string): Promise<void> {
  await site.nft('flush', 'chain', 'netdev', tableOf(engine), `f_${farm.replaceAll('-', '_')}`)
}
