import { afterAll, beforeAll, expect, test } from 'vitest'
import { total } from './client.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { countersOf, replaceNic } from './nic.ts'
import { until } from './until.ts'

let site: Site
const url = 'http://203.0.113.100/'

beforeAll(async () => {
  site = await openSite({ backends: ['web1', 'web2'], ports: [80] })
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], backends: backendsOf(['web1', 'web2']) })
  await site.prepare('web')
  await site.appliance.api.applied()
  await site.answers(url)
})
afterAll(() => site?.remove())

test('traffic heals within 2 s when the card of a backend is replaced', async () => {
  const { client, appliance } = site
  const web2 = site.machine('web2')
  await client.flow({ name: 'clients', url, perSecond: 100, timeoutMs: 1500 })
  await until('both backends answer', async () => Object.keys((await client.report('clients')).answered).length === 2)
  const replacedAt = performance.now()
  const nic = await replaceNic(web2.namespace, web2.nic)
  const before = await countersOf(web2.namespace, nic)
  await until('the new card gets requests', async () => (await countersOf(web2.namespace, nic)).rxPackets - before.rxPackets > 200 && (await appliance.api.farmStatus('web')).backends[1]?.mac === nic.mac, 10_000, 20)
  const healedMs = performance.now() - replacedAt
  expect(healedMs).toBeLessThan(2000)
  await client.stop('clients')
  const tally = await client.request({ url, count: 100 })
  expect(tally.failures).toEqual([])
  expect(Object.keys(tally.answered).sort()).toEqual(['web1', 'web2'])
})

test('a backend that nobody answers for gets no traffic and has a fault; it is used as soon as it answers', async () => {
  const { appliance, client, topology } = site
  await appliance.api.putFarm({ name: 'half', vip: '203.0.113.101', ports: ['80'], backends: [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.99' }] })
  await site.prepare('half', ['web1'])
  const status = await until('the fault is there', async () => {
    const now = await appliance.api.farmStatus('half')
    return now.faults.some((fault) => fault.code === 'backend-mac-unknown' && fault.backend === 'web2') ? now : null
  })
  expect(status.backends).toMatchObject([{ name: 'web1', active: true }, { name: 'web2', active: false, mac: null }])
  const alone = await client.request({ url: 'http://203.0.113.101/', count: 50 })
  expect(alone).toEqual({ answered: { web1: 50 }, failures: [] })

  const web2 = site.machine('web2')
  await topology.run(web2, ['ip', 'addr', 'add', '203.0.113.101/32', 'dev', 'lo'])
  await topology.run(web2, ['ip', 'addr', 'add', '203.0.113.99/24', 'dev', 'eth0'])
  await until('the backend is active', async () => (await appliance.api.farmStatus('half')).backends[1]?.active, 30_000)
  expect((await appliance.api.farmStatus('half')).faults).toEqual([])
  const both = await client.request({ url: 'http://203.0.113.101/', count: 50 })
  expect(total(both)).toBe(50)
  expect(Object.keys(both.answered).sort()).toEqual(['web1', 'web2'])
})
