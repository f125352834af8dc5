import { afterAll, beforeAll, expect, test } from 'vitest'
import { total } from './client.ts'
import { openSite, type Site } from './fixture.ts'
import { until } from './until.ts'

let site: Site

beforeAll(async () => {
  site = await openSite({ backends: ['web1', 'web2'], ports: [80, 81, 53] })
})
afterAll(() => site?.remove())

const backendsV4 = [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.22' }]
const backendsV6 = [{ name: 'web1', address: '2001:db8:113::21' }, { name: 'web2', address: '2001:db8:113::22' }]

test('IPv4 DSR: both backends answer the client directly', async () => {
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], backends: backendsV4 })
  await site.prepare('web')
  await site.appliance.api.applied()
  const tally = await site.client.request({ url: 'http://203.0.113.100/', count: 200 })
  expect(tally.failures).toEqual([])
  expect(total(tally)).toBe(200)
  expect(Object.keys(tally.answered).sort()).toEqual(['web1', 'web2'])
})

test('IPv6 DSR: both backends answer the client directly', async () => {
  await site.appliance.api.putFarm({ name: 'web-v6', vip: '2001:db8:113::100', ports: ['80'], backends: backendsV6 })
  await site.prepare('web-v6')
  await site.appliance.api.applied()
  const tally = await site.client.request({ url: 'http://[2001:db8:113::100]/', count: 200 })
  expect(tally.failures).toEqual([])
  expect(Object.keys(tally.answered).sort()).toEqual(['web1', 'web2'])
})

test('UDP DSR shares VIP and port with a TCP farm', async () => {
  await site.appliance.api.putFarm({ name: 'dns-tcp', vip: '203.0.113.101', ports: ['53'], protocol: 'tcp', backends: backendsV4 })
  await site.appliance.api.putFarm({ name: 'dns-udp', vip: '203.0.113.101', ports: ['53'], protocol: 'udp', backends: backendsV4 })
  await site.prepare('dns-udp')
  await site.appliance.api.applied()
  await until('the services have found their new address', async () => (await site.client.udp({ address: '203.0.113.101', port: 53, count: 20 })).failures.length === 0)
  const udp = await site.client.udp({ address: '203.0.113.101', port: 53, count: 100 })
  expect(udp.failures).toEqual([])
  expect(Object.keys(udp.answered).sort()).toEqual(['web1', 'web2'])
  const tcp = await site.client.request({ url: 'http://203.0.113.101:53/', count: 100 })
  expect(tcp.failures).toEqual([])
  expect(total(tcp)).toBe(100)
})

test('two farms share a VIP on different ports, each with backends of its own', async () => {
  const [web1, web2] = backendsV4
  if (!web1 || !web2) throw new Error('two backends')
  await site.appliance.api.putFarm({ name: 'shared-a', vip: '203.0.113.102', ports: ['80'], backends: [web1] })
  await site.appliance.api.putFarm({ name: 'shared-b', vip: '203.0.113.102', ports: ['81'], backends: [web2] })
  await site.prepare('shared-a', ['web1'])
  await site.prepare('shared-b', ['web2'])
  await site.appliance.api.applied()
  expect(await site.client.request({ url: 'http://203.0.113.102/', count: 30 })).toEqual({ answered: { web1: 30 }, failures: [] })
  expect(await site.client.request({ url: 'http://203.0.113.102:81/', count: 30 })).toEqual({ answered: { web2: 30 }, failures: [] })
})
