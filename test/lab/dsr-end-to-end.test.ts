import { afterAll, beforeAll, expect, test } from 'vitest'
import { total } from './client.ts'
import { createFarm, openConsole, type ConsoleWindow } from './console-window.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { allHealthy } from './health-site.ts'
import { countersOf } from './nic.ts'
import { prepareBackend } from './prepare.ts'

let site: Site
let operator: ConsoleWindow
const url = 'http://203.0.113.100/'

beforeAll(async () => {
  site = await openSite({ backends: ['web1', 'web2'], ports: [80] })
  operator = await openConsole(site.appliance)
})
afterAll(async () => {
  await operator?.close()
  await site?.remove()
})

test('a farm made in the console, with backends prepared by their scripts, is found healthy and serves every request by both backends', async () => {
  const { appliance, client, topology } = site
  await createFarm(operator, appliance, { name: 'web', vip: '203.0.113.100', ports: '80', backends: backendsOf(['web1', 'web2']) })
  await appliance.api.applied()
  for (const backend of topology.backends) {
    await prepareBackend(appliance, topology, 'web', backend)
    await prepareBackend(appliance, topology, 'web', backend, '--check')
  }
  await allHealthy(site, 'web')
  const tally = await client.request({ url, count: 200 })
  expect(tally.failures).toEqual([])
  expect(total(tally)).toBe(200)
  expect(Object.keys(tally.answered).sort()).toEqual(['web1', 'web2'])
})

test('replies do not cross the appliance: it passes on the packets of clients and nothing of the answers', async () => {
  const { client, topology } = site
  const before = await countersOf(topology.lb.namespace, topology.lb.nic)
  const web = await Promise.all(topology.backends.map((one) => countersOf(one.namespace, one.nic)))
  expect((await client.request({ url, count: 200 })).failures).toEqual([])
  const after = await countersOf(topology.lb.namespace, topology.lb.nic)
  const webAfter = await Promise.all(topology.backends.map((one) => countersOf(one.namespace, one.nic)))
  const toBackends = webAfter.reduce((sum, one, index) => sum + one.rxPackets - (web[index]?.rxPackets ?? 0), 0)
  const fromBackends = webAfter.reduce((sum, one, index) => sum + one.txPackets - (web[index]?.txPackets ?? 0), 0)
  const received = after.rxPackets - before.rxPackets
  const sent = after.txPackets - before.txPackets
  // Besides the clients' packets there are only a few of ARP.
  expect(Math.abs(received - sent)).toBeLessThan(30)
  expect(Math.abs(sent - toBackends)).toBeLessThan(30)
  expect(fromBackends).toBeGreaterThan(200)
})

test('of a large download less than 5 % of the bytes move through the appliance', async () => {
  const { client, topology } = site
  const before = await countersOf(topology.lb.namespace, topology.lb.nic)
  const { bytes } = await client.download(`${url}bytes/50000000`)
  const after = await countersOf(topology.lb.namespace, topology.lb.nic)
  expect(bytes).toBe(50_000_000)
  expect(after.rxBytes + after.txBytes - before.rxBytes - before.txBytes).toBeLessThan(bytes * 0.05)
})

test('an undone backend is as it was before: no VIP, and the old ARP settings', async () => {
  const { appliance, topology } = site
  const web2 = site.machine('web2')
  await prepareBackend(appliance, topology, 'web', web2, '--undo')
  expect(await topology.run(web2, ['ip', '-o', 'addr', 'show', 'dev', 'lo'])).not.toContain('203.0.113.100')
  expect((await topology.run(web2, ['cat', '/proc/sys/net/ipv4/conf/all/arp_ignore'])).trim()).toBe('0')
})
