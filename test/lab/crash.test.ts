import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { total } from './client.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { pidOf, ruleset } from './kernel.ts'
import { until } from './until.ts'

let site: Site
const url = 'http://203.0.113.100/'
const names = ['web1', 'web2', 'web3']

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80] })
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], scheduler: 'symhash', backends: backendsOf(names) })
  await site.prepare('web')
})
afterAll(() => site?.remove())

beforeEach(async () => {
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], scheduler: 'symhash', backends: backendsOf(names) })
  await site.appliance.api.applied()
  await site.answers(url)
})

/** Runs `work` under traffic and answers what the clients saw meanwhile. */
async function underTraffic(work: () => Promise<void>): Promise<{ failures: string[]; answered: number }> {
  await site.client.flow({ name: 'clients', url, perSecond: 100 })
  await until('traffic flows', async () => total(await site.client.report('clients')) > 0)
  await work()
  // What is under test may be over within half a second: the clients must also be served on afterwards.
  const reports = [await site.client.report('clients')]
  const served = (): number => reports.reduce((sum, report) => sum + total(report), 0)
  const already = served()
  await until('clients are served on', async () => {
    reports.push(await site.client.report('clients'))
    return served() > already + 50
  })
  reports.push(await site.client.stop('clients'))
  return { failures: reports.flatMap((report) => report.failures), answered: served() }
}

test('killing the agent loses no request; its return changes no rule and applies the edit made meanwhile', async () => {
  const { appliance, topology } = site
  const before = await ruleset(topology.lb)
  const seen = await underTraffic(async () => {
    await appliance.agent().end('SIGKILL')
    expect(await ruleset(topology.lb)).toBe(before)
    await appliance.startAgent()
    await appliance.api.applied()
    expect(await ruleset(topology.lb)).toBe(before)
  })
  expect(seen.failures).toEqual([])
  expect(seen.answered).toBeGreaterThan(50)

  await appliance.agent().end('SIGKILL')
  expect((await appliance.api.patchFarm('web', { backends: backendsOf(['web1']) })).pending).toBe(true)
  await appliance.startAgent()
  await appliance.api.applied(60_000)
  expect(await site.client.request({ url, count: 50 })).toEqual({ answered: { web1: 50 }, failures: [] })
})

test('killing nftlb loses no request, also while it starts again; the rules are the same and an edit made meanwhile is applied', async () => {
  const { appliance, topology } = site
  const before = await ruleset(topology.lb)
  const seen = await underTraffic(async () => {
    const pid = await pidOf(topology.lb, 'nftlb')
    if (pid === null) throw new Error('nftlb does not run')
    process.kill(pid, 'SIGKILL')
    await until('nftlb runs again', async () => {
      const now = await pidOf(topology.lb, 'nftlb')
      return now !== null && now !== pid && (await appliance.api.status()).agent.engines.find(({ name }) => name === 'nftlb')?.running
    })
    await appliance.api.applied()
    await until('the rules are those from before', async () => (await ruleset(topology.lb)) === before)
  })
  expect(seen.failures).toEqual([])
  expect(seen.answered).toBeGreaterThan(50)

  const pid = await pidOf(topology.lb, 'nftlb')
  if (pid === null) throw new Error('nftlb does not run')
  process.kill(pid, 'SIGKILL')
  await appliance.api.patchFarm('web', { backends: backendsOf(['web1']) })
  await appliance.api.applied(60_000)
  expect(await site.client.request({ url, count: 50 })).toEqual({ answered: { web1: 50 }, failures: [] })
})

test('killing the console loses no request and no rule; afterwards it takes edits again', async () => {
  const { appliance, topology } = site
  const before = await ruleset(topology.lb)
  const seen = await underTraffic(async () => {
    await appliance.console().end('SIGKILL')
    expect(await ruleset(topology.lb)).toBe(before)
    await appliance.startConsole()
    await appliance.api.applied()
    expect(await ruleset(topology.lb)).toBe(before)
  })
  expect(seen.failures).toEqual([])
  expect(seen.answered).toBeGreaterThan(50)
  await appliance.api.patchFarm('web', { backends: backendsOf(['web1']) })
  await appliance.api.applied()
  expect(await site.client.request({ url, count: 50 })).toEqual({ answered: { web1: 50 }, failures: [] })
})
