import { afterAll, beforeAll, expect, test } from 'vitest'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { pidOf } from './kernel.ts'
import { until } from './until.ts'

let site: Site
const url = 'http://203.0.113.100/'
const names = ['web1', 'web2', 'web3']
const connections = 60

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80] })
  // Scheduler hash gets a new random seed whenever its rule is loaded: only the persistence table holds these connections.
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], scheduler: 'hash', persistence: ['srcip', 'srcport'], backends: backendsOf(names) })
  await site.prepare('web')
  await site.appliance.api.applied()
  await site.answers(url)
})
afterAll(() => site?.remove())

test('nftlb killed and started again breaks no connection that persistence remembers, also on a draining backend', async () => {
  const { client, appliance, topology } = site
  const opened = await client.hold({ name: 'open', url, connections })
  expect(new Set(opened.backends).size).toBe(3)
  await appliance.api.setAdminState('web', 'web3', 'draining')
  await appliance.api.applied()
  for (let round = 0; round < 3; round++) {
    const pid = await pidOf(topology.lb, 'nftlb')
    if (pid === null) throw new Error('nftlb does not run')
    process.kill(pid, 'SIGKILL')
    await until('nftlb runs again', async () => {
      expect(await client.use('open')).toEqual(opened)
      const now = await pidOf(topology.lb, 'nftlb')
      return now !== null && now !== pid && (await appliance.api.status()).agent.engines.find(({ name }) => name === 'nftlb')?.running
    })
    await appliance.api.applied()
    expect(await client.use('open')).toEqual(opened)
  }
})

test('a port added to the farm breaks none of them, though nftlb takes the farm out for a moment', async () => {
  const { client, appliance } = site
  const before = await client.use('open')
  for (const ports of [['80', '443'], ['80'], ['80', '8443']]) {
    await appliance.api.patchFarm('web', { ports })
    expect(await client.use('open')).toEqual(before)
  }
})
