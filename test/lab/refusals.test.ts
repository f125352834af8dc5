import { afterAll, beforeAll, expect, test } from 'vitest'
import { farmSchema, type Farm } from '#lib/domain/farm.ts'
import { agentSocket, type AgentSocket } from './agent-socket.ts'
import { openSite, type Site } from './fixture.ts'
import { ruleset } from './kernel.ts'
import { until } from './until.ts'

let site: Site
let agent: AgentSocket

const backend = { name: 'web1', address: '203.0.113.21' }
const good = { name: 'web', vip: '203.0.113.100', ports: ['80'], backends: [backend] }

beforeAll(async () => {
  site = await openSite({ backends: ['web1'], ports: [80] })
  agent = agentSocket(site.appliance.socket)
  await site.appliance.api.putFarm({ ...good, name: 'first', vip: '203.0.113.90' })
  await site.appliance.api.applied()
})
afterAll(() => site?.remove())

const refused: Array<[string, Record<string, unknown>, string]> = [
  ['a scheduler that chooses per packet, on TCP', { scheduler: 'round-robin' }, '/scheduler'],
  ['weighted choice per packet, on SCTP', { scheduler: 'weighted', protocol: 'sctp' }, '/scheduler'],
  ['a backend port other than the VIP port', { backends: [{ ...backend, port: 8080 }] }, '/backends/0/port'],
  ['a VIP, port and protocol that another farm has', { vip: '203.0.113.90' }, '/ports'],
  ['a range of ports that overlaps another farm', { vip: '203.0.113.90', ports: ['70-90'] }, '/ports'],
  ['addresses of mixed families', { backends: [{ ...backend, address: '2001:db8:113::21' }] }, '/backends/0/address'],
  ['port 0', { ports: ['0'] }, '/ports/0'],
  ['port 65536', { ports: ['65536'] }, '/ports/0'],
  ['a range that ends before it begins', { ports: ['80-70'] }, '/ports/0'],
  ['a name with a space', { name: 'my web' }, '/name'],
  ['a name with a quote', { name: `web"'` }, '/name'],
  ['a name with a semicolon', { name: 'web;reboot' }, '/name'],
  ['a name that climbs out of its folder', { name: '../web' }, '/name'],
  ['a name of 200 characters', { name: 'w'.repeat(200) }, '/name'],
  ['an unknown key', { colour: 'red' }, '/colour'],
  ['an unknown key of a backend', { backends: [{ ...backend, colour: 'red' }] }, '/backends/0/colour'],
  ['a hostname instead of a VIP', { vip: 'web.example.net' }, '/vip'],
  ['the loopback as VIP', { vip: '127.0.0.1' }, '/vip'],
]

test.each(refused)('%s is refused by the API with a pointer and a hint, and by the agent', async (_, change, pointer) => {
  const before = await ruleset(site.topology.lb)
  const problem = await site.appliance.api.refusal({ ...good, ...change })
  const found = problem.errors?.find((error) => error.pointer === pointer)
  expect(found, JSON.stringify(problem.errors)).toBeDefined()
  expect(found?.hint).not.toBe('')
  expect(found?.message).not.toBe('')

  const { generation } = await agent.status()
  const first = farmSchema.parse({ ...good, name: 'first', vip: '203.0.113.90' })
  const answer = await agent.call('PUT', '/v1/desired', { generation: generation + 1, farms: [first, { ...wholeFarm(), ...change }] })
  expect([400, 422]).toContain(answer.status)
  expect((await agent.status()).generation).toBe(generation)
  expect(await ruleset(site.topology.lb)).toBe(before)
})

function wholeFarm(): Farm {
  return farmSchema.parse(good)
}

test('a VIP in no subnet of the appliance is refused as long as no interface is chosen, and is fine with one', async () => {
  const problem = await site.appliance.api.refusal({ ...good, name: 'routed', vip: '192.0.2.80' })
  expect(problem.errors?.map((error) => error.pointer)).toContain('/vip')
  const reply = await site.appliance.api.putFarm({ ...good, name: 'routed', vip: '192.0.2.80', interface: 'eth0' })
  expect(reply.farm?.interface).toBe('eth0')
  await site.appliance.api.applied()
  await site.appliance.api.deleteFarm('routed')
})

test('without an agent to ask, such a VIP is saved and becomes a fault as soon as the agent sees it', async () => {
  const { api } = site.appliance
  await site.appliance.agent().end('SIGTERM')
  await until('nobody answers for the interfaces', async () => JSON.stringify((await api.call('GET', '/interfaces')).body) === '{"items":null}')
  const reply = await api.putFarm({ ...good, name: 'lost', vip: '192.0.2.81' })
  expect(reply.pending).toBe(true)
  await site.appliance.startAgent()
  const status = await api.applied(60_000)
  expect(status.faults).toContainEqual(expect.objectContaining({ code: 'vip-off-subnet', farm: 'lost' }))
  await api.deleteFarm('lost')
})

test('several mistakes are answered all at once', async () => {
  const problem = await site.appliance.api.refusal({ ...good, ports: ['0'], scheduler: 'round-robin', backends: [{ ...backend, address: '2001:db8::1' }], colour: 'red' })
  expect(problem.errors?.map((error) => error.pointer)).toEqual(expect.arrayContaining(['/ports/0', '/scheduler', '/backends/0/address', '/colour']))
})
