import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAppliance, type Appliance } from './appliance.ts'
import { createLab, type Lab } from './lab.ts'
import { countersOf } from './nic.ts'
import { until } from './until.ts'

let lab: Lab
let appliance: Appliance

beforeAll(async () => {
  lab = await createLab({ backends: ['web1', 'web2'], ports: [80, 8080], replyThrough: 'lb' })
  appliance = await startAppliance(lab.topology)
})
afterAll(async () => {
  await appliance?.stop()
  await lab?.remove()
})

const backends = [{ name: 'web1', address: '203.0.113.21', port: 8080 }, { name: 'web2', address: '203.0.113.22', port: 8080 }]
const backendsV6 = [{ name: 'web1', address: '2001:db8:113::21', port: 8080 }, { name: 'web2', address: '2001:db8:113::22', port: 8080 }]

const modes = [
  { name: 'snat', mode: 'snat', vip: '203.0.113.110', url: 'http://203.0.113.110/', backends },
  { name: 'dnat', mode: 'dnat', vip: '203.0.113.111', url: 'http://203.0.113.111/', backends },
  { name: 'stateless', mode: 'stateless-dnat', vip: '203.0.113.112', url: 'http://203.0.113.112/', backends },
  { name: 'snat-v6', mode: 'snat', vip: '2001:db8:113::110', url: 'http://[2001:db8:113::110]/', backends: backendsV6 },
  { name: 'dnat-v6', mode: 'dnat', vip: '2001:db8:113::111', url: 'http://[2001:db8:113::111]/', backends: backendsV6 },
] as const

test.each(modes)('$name: both backends answer on another port than the VIP has, and the replies come back through the appliance', async ({ name, mode, vip, url, backends: servers }) => {
  await appliance.api.putFarm({ name, mode, vip, ports: ['80'], backends: [...servers] })
  await appliance.api.applied()
  await until('the farm answers', async () => (await lab.client.request({ url, count: 1 })).failures.length === 0)
  const before = await countersOf(lab.topology.lb.namespace, lab.topology.lb.nic)
  const tally = await lab.client.request({ url, count: 100 })
  expect(tally.failures).toEqual([])
  expect(Object.keys(tally.answered).sort()).toEqual(['web1', 'web2'])
  const { bytes } = await lab.client.download(`${url}bytes/1000000`)
  const after = await countersOf(lab.topology.lb.namespace, lab.topology.lb.nic)
  expect(after.txBytes - before.txBytes).toBeGreaterThan(bytes)
})
