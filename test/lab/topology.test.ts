import { afterAll, beforeAll, expect, test } from 'vitest'
import { namespacesWith } from '#scripts/run/namespaces.mjs'
import { total } from './client.ts'
import { createLab, type Lab } from './lab.ts'
import { countersOf, replaceNic } from './nic.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab({ backends: ['web1', 'web2'], ports: [80] })
})
afterAll(() => lab.remove())

test('the client reaches a backend over IPv4, IPv6 and UDP, and nothing of it crosses the appliance', async () => {
  const { client, topology } = lab
  const before = await countersOf(topology.lb.namespace, topology.lb.nic)
  expect(await client.request({ url: 'http://203.0.113.21/', count: 20 })).toEqual({ answered: { web1: 20 }, failures: [] })
  expect(await client.request({ url: 'http://[2001:db8:113::22]/', count: 20 })).toEqual({ answered: { web2: 20 }, failures: [] })
  expect(await client.udp({ address: '203.0.113.22', port: 80, count: 5 })).toEqual({ answered: { web2: 5 }, failures: [] })
  expect((await client.download('http://203.0.113.21/bytes/2000000')).bytes).toBe(2_000_000)
  const after = await countersOf(topology.lb.namespace, topology.lb.nic)
  expect(after.rxBytes + after.txBytes - before.rxBytes - before.txBytes).toBeLessThan(20_000)
})

test('a held connection is used again, and one that broke is told apart', async () => {
  const { client, topology } = lab
  expect(await client.hold({ name: 'held', url: 'http://203.0.113.21/', connections: 5 })).toEqual({ backends: Array(5).fill('web1') })
  expect(await client.use('held')).toEqual({ backends: Array(5).fill('web1') })
  await topology.run(topology.client, ['ip', 'route', 'add', 'unreachable', '203.0.113.21'])
  expect(await client.use('held')).toEqual({ backends: Array(5).fill(null) })
  await topology.run(topology.client, ['ip', 'route', 'del', 'unreachable', '203.0.113.21'])
  expect(await client.use('held')).toEqual({ backends: Array(5).fill(null) })
})

test('a replaced card has another MAC address and the same addresses', async () => {
  const { client, topology } = lab
  const [, web2] = topology.backends
  if (!web2) throw new Error('web2 is missing')
  const nic = await replaceNic(web2.namespace, web2.nic)
  expect(nic.mac).not.toBe(web2.nic.mac)
  await topology.run(web2, ['arping', '-U', '-c1', '-I', 'eth0', '203.0.113.22'])
  expect(total(await client.request({ url: 'http://203.0.113.22/', count: 5 }))).toBe(5)
})

test('a removed lab leaves no namespace', async () => {
  const other = await createLab({ backends: ['web1'], ports: [80] })
  expect(namespacesWith(other.topology.prefix)).not.toEqual([])
  await other.remove()
  expect(namespacesWith(other.topology.prefix)).toEqual([])
})
