import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSite, type Site } from './fixture.ts'
import { countersOf } from './nic.ts'

let site: Site

beforeAll(async () => {
  site = await openSite({ backends: ['web1', 'web2'], ports: [80, 8080], replyThrough: 'lb' })
})
afterAll(() => site?.remove())

const backends = [{ name: 'web1', address: '203.0.113.21', port: 8080 }, { name: 'web2', address: '203.0.113.22', port: 8080 }]
const backendsV6 = [{ name: 'web1', address: '2001:db8:113::21', port: 8080 }, { name: 'web2', address: '2001:db8:113::22', port: 8080 }]

// Nothing on the way back would remember the client's port: this mode does not translate it.
const samePort = [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.22' }]

const modes = [
  { name: 'snat', mode: 'snat', vip: '203.0.113.110', url: 'http://203.0.113.110/', backends },
  { name: 'dnat', mode: 'dnat', vip: '203.0.113.111', url: 'http://203.0.113.111/', backends },
  { name: 'stateless', mode: 'stateless-dnat', vip: '203.0.113.112', url: 'http://203.0.113.112/', backends: samePort },
  { name: 'snat-v6', mode: 'snat', vip: '2001:db8:113::110', url: 'http://[2001:db8:113::110]/', backends: backendsV6 },
  { name: 'dnat-v6', mode: 'dnat', vip: '2001:db8:113::111', url: 'http://[2001:db8:113::111]/', backends: backendsV6 },
] as const

test.each(modes)('$name: both backends answer, and the replies come back through the appliance', async ({ name, mode, vip, url, backends: servers }) => {
  await site.appliance.api.putFarm({ name, mode, vip, ports: ['80'], backends: [...servers] })
  await site.appliance.api.applied()
  await site.answers(url)
  const before = await countersOf(site.topology.lb.namespace, site.topology.lb.nic)
  const tally = await site.client.request({ url, count: 100 })
  expect(tally.failures).toEqual([])
  expect(Object.keys(tally.answered).sort()).toEqual(['web1', 'web2'])
  const { bytes } = await site.client.download(`${url}bytes/1000000`)
  const after = await countersOf(site.topology.lb.namespace, site.topology.lb.nic)
  expect(after.txBytes - before.txBytes).toBeGreaterThan(bytes)
})

test('a backend that joins a stateless farm later, or is enabled later, is heard by the clients', async () => {
  const { api } = site.appliance
  const url = 'http://203.0.113.113:8080/'
  await api.putFarm({ name: 'joined', mode: 'stateless-dnat', vip: '203.0.113.113', ports: ['8080'], backends: samePort.slice(0, 1) })
  await api.patchFarm('joined', { backends: samePort })
  await api.applied()
  const both = await site.client.request({ url, count: 50 })
  expect(both.failures).toEqual([])
  expect(Object.keys(both.answered).sort()).toEqual(['web1', 'web2'])
  await api.setAdminState('joined', 'web1', 'disabled')
  await api.applied()
  expect(await site.client.request({ url, count: 20 })).toEqual({ answered: { web2: 20 }, failures: [] })
  await api.setAdminState('joined', 'web1', 'enabled')
  await api.applied()
  const again = await site.client.request({ url, count: 50 })
  expect(again.failures).toEqual([])
  expect(Object.keys(again.answered).sort()).toEqual(['web1', 'web2'])
})
