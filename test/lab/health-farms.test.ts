import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startAnswerer } from './answerer.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { allHealthy, backendOf, backWithinMs, becomes, eventsOf, healthOf, monitor, outWithinMs, signal } from './health-site.ts'
import { brokenSince, hold, receiving } from './hitless.ts'
import type { FarmWish } from './api.ts'
import { until } from './until.ts'

const names = ['web1', 'web2', 'web3']
const backendsV6 = names.map((name, index) => ({ name, address: `2001:db8:113::${21 + index}` }))
const farms: Array<FarmWish & { url: string }> = [
  { name: 'web', vip: '203.0.113.100', url: 'http://203.0.113.100/', backends: backendsOf(names) },
  { name: 'web-v6', vip: '2001:db8:113::100', url: 'http://[2001:db8:113::100]/', backends: backendsV6 },
  // One backend has all of a client's connections: without its entries deleted, they would go there for ever.
  { name: 'sticky', vip: '203.0.113.101', url: 'http://203.0.113.101/', scheduler: 'symhash', persistence: ['srcip'], backends: backendsOf(names) },
  { name: 'nat', vip: '203.0.113.102', url: 'http://203.0.113.102/', mode: 'snat', backends: backendsOf(names) },
]

let site: Site

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80] })
  for (const { url: _url, ...farm } of farms) await site.appliance.api.putFarm({ ...farm, ports: ['80'], monitor })
  for (const farm of ['web', 'web-v6']) await site.prepare(farm)
  await site.appliance.api.applied()
})
beforeEach(async () => {
  for (const { name } of farms) await allHealthy(site, name)
})
afterAll(() => site?.remove())

const everywhere = <T>(work: (farm: (typeof farms)[number]) => Promise<T>): Promise<T[]> => Promise.all(farms.map(work))
const start = (name: string): Promise<unknown> => startAnswerer(join(site.topology.folder, 'programs'), site.machine(name), [80])

test('a backend whose application stops is out in farms of either engine and of any mode, and nobody is sent there any more', async () => {
  const { client, appliance } = site
  const [stopped = ''] = await receiving(site, 'http://203.0.113.101/')
  const { generation } = await appliance.api.status()
  const begun = Date.now()
  await signal(site.machine(stopped), 'SIGKILL')
  for (const took of await everywhere(({ name }) => becomes(site, name, stopped, false))) expect(took.ms - took.machineMs).toBeLessThan(outWithinMs)
  const left = names.filter((name) => name !== stopped)
  for (const { url, name } of farms) {
    const answering = await receiving(site, url)
    if (name === 'sticky') expect(left).toEqual(expect.arrayContaining(answering))
    else expect(answering).toEqual(left)
  }
  expect(await backendOf(site, 'nat', stopped)).toMatchObject({ status: 'error', health: { state: 'unhealthy', rip: 'unhealthy', vip: null, reason: expect.stringContaining('port 80: Refused') } })
  expect((await appliance.api.farmStatus('web')).faults).toMatchObject([{ code: 'backend-unhealthy', severity: 'warning', backend: stopped }])

  await start(stopped)
  for (const took of await everywhere(({ name }) => becomes(site, name, stopped, true))) expect(took.ms - took.machineMs).toBeLessThan(backWithinMs)
  expect((await client.request({ url: 'http://203.0.113.100/', count: 200 })).answered[stopped]).toBeGreaterThan(0)
  await until('the console has kept both events', async () => (await eventsOf(site, 'web', begun)).length >= 2)
  expect(await eventsOf(site, 'web', begun)).toEqual([`${stopped} unhealthy`, `${stopped} healthy`])
  expect((await appliance.api.status()).generation).toBe(generation)
})

test('when all backends fail at once, they go on serving, with one critical fault and without flapping, and no open connection breaks when they are back', async () => {
  const { appliance, client, topology } = site
  const begun = Date.now()
  const open = await hold(site, 'open', 'http://203.0.113.100/', 90)
  const sets = new Set<string>()
  let over = false
  const watching = until('the trouble is over', async () => {
    const { backends } = await appliance.api.farmStatus('web')
    sets.add(backends.flatMap(({ name, active }) => (active ? [name] : [])).join())
    return over
  }, 90_000, 20)
  await client.flow({ name: 'clients', url: 'http://203.0.113.100/', perSecond: 50 })
  // The probes alone are lost: whether a monitor is wrong or a service, the appliance cannot know.
  for (const machine of topology.backends) await topology.run(machine, ['nft', 'add table inet fw ; add chain inet fw in { type filter hook input priority 0 ; } ; add rule inet fw in ip saddr 203.0.113.2 tcp dport 80 drop ; add rule inet fw in ip6 saddr 2001:db8:113::2 tcp dport 80 drop'])
  await everywhere(({ name }) => until(`${name} says that all are unhealthy`, async () => (await appliance.api.farmStatus(name)).faults.some(({ code }) => code === 'all-unhealthy')))
  await client.report('clients')
  await until('every probe has failed ten times', async () => {
    const { backends } = await healthOf(site, 'web')
    return backends.every(({ probes }) => probes.every(({ results }) => results.slice(-10).every(({ reason }) => reason !== null)))
  })
  expect((await client.stop('clients')).failures).toEqual([])
  for (const url of ['http://203.0.113.100/', 'http://[2001:db8:113::100]/']) expect(await receiving(site, url)).toEqual(names)
  for (const farm of ['web', 'web-v6', 'sticky']) {
    const { status, active, backends, faults } = await appliance.api.farmStatus(farm)
    expect([status, active, ...backends.map((backend) => backend.status)]).toEqual(['error', 3, 'error', 'error', 'error'])
    expect(faults.filter(({ severity }) => severity === 'critical')).toMatchObject([{ code: 'all-unhealthy', detail: `${farm} keeps web1, web2, web3, which failed last.` }])
  }
  expect((await eventsOf(site, 'web', begun)).sort()).toEqual(['web1 unhealthy', 'web2 unhealthy', 'web3 unhealthy'])

  for (const machine of topology.backends) await topology.run(machine, ['nft', 'delete', 'table', 'inet', 'fw'])
  for (const { name } of farms) await allHealthy(site, name)
  over = true
  await watching
  expect([...sets]).toEqual([names.join()])
  expect(await brokenSince(site, 'open', open)).toEqual({ others: 0, own: 0, of: 90 })
  expect((await appliance.api.farmStatus('web')).faults).toEqual([])
})

test.each<NodeJS.Signals>(['SIGTERM', 'SIGKILL'])('an agent that ended by %s and starts again takes nobody out, and lets nobody in who was out', async (end) => {
  const { appliance, client } = site
  await signal(site.machine('web2'), 'SIGSTOP')
  await becomes(site, 'web', 'web2', false)
  const before = await backendOf(site, 'web', 'web2')
  await client.flow({ name: 'clients', url: 'http://203.0.113.100/', perSecond: 50 })
  await appliance.agent().end(end)
  await appliance.startAgent()
  await appliance.api.applied()
  const { backends } = await appliance.api.farmStatus('web')
  expect(backends.map(({ active }) => active)).toEqual([true, false, true])
  expect(backends[1]?.health).toMatchObject({ state: 'unhealthy', since: before.health?.since })
  await until('the new agent has asked for itself', async () => (await appliance.api.farmStatus('web')).backends.every(({ health }, index) => health?.state === (index === 1 ? 'unhealthy' : 'healthy') && health.rip !== 'unknown'))
  const { answered, failures } = await client.stop('clients')
  expect(failures).toEqual([])
  expect(Object.keys(answered).sort()).toEqual(['web1', 'web3'])
  await signal(site.machine('web2'), 'SIGCONT')
  await allHealthy(site, 'web')
})

test('probe workers that are killed change no verdict, and are replaced', async () => {
  const { appliance } = site
  const killedAt = Date.now()
  const workers = await workersOf(appliance.agent().pid)
  expect(workers).toHaveLength(2)
  for (const pid of workers) process.kill(pid, 'SIGKILL')
  await until('both ways are asked again', async () => {
    const { backends } = await healthOf(site, 'web')
    expect(backends.map(({ health }) => health?.state)).toEqual(['healthy', 'healthy', 'healthy'])
    return backends.every(({ probes }) => probes.every(({ results }) => (results.at(-1)?.at ?? 0) > killedAt + 1000 && results.at(-1)?.reason === null))
  })
  expect(await eventsOf(site, 'web', killedAt)).toEqual([])
})

test('a backend that starts slowly gets its share back in steps, and no connection of another one breaks', async () => {
  const { appliance, client } = site
  const url = 'http://203.0.113.100/'
  const shareOfWeb3 = async (): Promise<number> => {
    const { answered, failures } = await client.request({ url, count: 400 })
    expect(failures).toEqual([])
    return (answered.web3 ?? 0) / 400
  }
  await appliance.api.patchFarm('web', { slowStart: 6 })
  await signal(site.machine('web3'), 'SIGKILL')
  await becomes(site, 'web', 'web3', false)
  const open = await hold(site, 'open', url, 100)
  await start('web3')
  await becomes(site, 'web', 'web3', true)
  const first = await shareOfWeb3()
  expect(first).toBeGreaterThan(0.02)
  expect(first).toBeLessThan(0.2)
  await until('it has its whole share', async () => (await shareOfWeb3()) > 0.26)
  expect(await brokenSince(site, 'open', open)).toEqual({ others: 0, own: 0, of: 100 })
  await client.release('open')
})

/** The prober's processes that an agent has started. */
async function workersOf(agent: number): Promise<number[]> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    all.map(async (pid) => {
      const [stat, line] = await Promise.all(['stat', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')))
      return Number(stat?.replace(/^.*\) /, '').split(' ')[1]) === agent && line?.includes('prober.mjs') ? [Number(pid)] : []
    }),
  )
  return found.flat()
}

test('a farm that is told to eject all leaves clients alone, and one without a monitor is served whatever happens', async () => {
  const { api } = site.appliance
  const nobody = { name: 'strict', vip: '203.0.113.103', ports: ['81'], backends: backendsOf(['web1']), monitor, whenAllUnhealthy: 'eject' as const }
  await api.putFarm(nobody)
  await becomes(site, 'strict', 'web1', false)
  expect((await api.farmStatus('strict')).faults.map(({ code }) => code)).toEqual(['no-active-backend', 'backend-unhealthy'])
  await api.putFarm({ ...nobody, monitor: null })
  expect(await api.farmStatus('strict')).toMatchObject({ status: 'unmonitored', active: 1, faults: [], backends: [{ status: 'unmonitored', health: null }] })
})
