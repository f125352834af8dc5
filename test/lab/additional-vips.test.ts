import { afterAll, beforeAll, expect, test } from 'vitest'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { until } from './until.ts'

let site: Site

beforeAll(async () => {
  site = await openSite({ backends: ['web1', 'web2'], ports: [80] })
})
afterAll(() => site?.remove())

const url = (vip: string): string => `http://${vip.includes(':') ? `[${vip}]` : vip}/`

/** Addresses on the appliance's interface, with their prefixes. */
function placed(): Promise<string> {
  return site.topology.run(site.topology.lb, ['ip', '-o', 'addr', 'show', 'dev', site.topology.lb.nic.device])
}

test('clients reach all backends through every VIP of a farm', async () => {
  const vips = ['203.0.113.100', '203.0.113.101', '203.0.113.102']
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', additionalVips: ['203.0.113.102', '203.0.113.101'], ports: ['80'], backends: backendsOf(['web1', 'web2']) })
  await site.prepare('web')
  await site.appliance.api.applied()
  for (const vip of vips) {
    expect(await placed()).toContain(` ${vip}/32 `)
    await site.answers(url(vip))
    const tally = await site.client.request({ url: url(vip), count: 100 })
    expect(tally.failures).toEqual([])
    expect(Object.keys(tally.answered).sort()).toEqual(['web1', 'web2'])
  }
})

test('IPv6 as well', async () => {
  const backends = [{ name: 'web1', address: '2001:db8:113::21' }, { name: 'web2', address: '2001:db8:113::22' }]
  await site.appliance.api.putFarm({ name: 'six', vip: '2001:db8:113::100', additionalVips: ['2001:db8:113::101'], ports: ['80'], backends })
  await site.prepare('six')
  await site.appliance.api.applied()
  for (const vip of ['2001:db8:113::100', '2001:db8:113::101']) {
    await site.answers(url(vip))
    expect(Object.keys((await site.client.request({ url: url(vip), count: 100 })).answered).sort()).toEqual(['web1', 'web2'])
  }
})

test('a client meets one backend at every VIP when its address alone is hashed', async () => {
  await site.appliance.api.patchFarm('web', { hashInput: ['srcip'] })
  await site.appliance.api.applied()
  const met = new Set<string>()
  for (const vip of ['203.0.113.100', '203.0.113.101', '203.0.113.102']) {
    const tally = await site.client.request({ url: url(vip), count: 50 })
    expect(tally.failures).toEqual([])
    for (const name of Object.keys(tally.answered)) met.add(name)
  }
  expect(met.size).toBe(1)
})

test('a VIP that a farm gives up leaves the interface, a new one comes, and connections to the others go on', async () => {
  const { appliance, client } = site
  const held = await client.hold({ name: 'held', url: url('203.0.113.100'), connections: 20 })
  await appliance.api.patchFarm('web', { additionalVips: ['203.0.113.102', '203.0.113.103'] })
  await appliance.api.applied()
  await until('the old VIP is gone', async () => !(await placed()).includes(' 203.0.113.101/32 '))
  expect(await placed()).toContain(' 203.0.113.103/32 ')
  expect(await client.use('held')).toEqual(held)
  await site.prepare('web')
  await site.answers(url('203.0.113.103'))
  expect((await client.request({ url: url('203.0.113.101'), count: 5, timeoutMs: 500 })).answered).toEqual({})
})

test('another machine that answers for an additional VIP is named', async () => {
  const { appliance, topology } = site
  await topology.run(topology.router, ['ip', 'addr', 'add', '203.0.113.104/32', 'dev', topology.router.nic.device])
  await appliance.api.patchFarm('web', { additionalVips: ['203.0.113.104'] })
  const found = await until('the conflict is a fault of the farm', async () => (await appliance.api.farmStatus('web')).faults.find(({ code }) => code === 'vip-in-use'))
  expect(found.detail).toBe(`${topology.router.nic.mac} answers for 203.0.113.104.`)
})
