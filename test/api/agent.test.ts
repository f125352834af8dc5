import { mkdirSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { agentProtocol } from '#lib/domain/agent-protocol.ts'
import { fault } from '#lib/domain/fault.ts'
import { resend, startJobs } from '#lib/server/jobs.ts'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()

test('a change is sent as a difference, not as the whole document', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  await it.api('PUT', '/api/v1/farms/dns', { body: farm({ name: 'dns', protocol: 'udp', ports: ['53'] }) })
  expect(it.agent.log.map(({ method, path }) => `${method} ${path}`)).not.toContain('PUT /v1/desired')
  expect(it.agent.desired).toMatchObject({ generation: 2, farms: [{ name: 'web' }, { name: 'dns' }] })
})

test('without the agent an edit is kept and pending, and sent when the agent is back', async () => {
  await it.agent.stop()
  const reply = await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  expect(reply.status).toBe(201)
  expect(reply.body).toMatchObject({ generation: 1, appliedGeneration: null, pending: true, faults: [{ code: 'agent-away' }] })
  expect(await resend()).toBe(false)
  await it.agent.start()
  expect(await resend()).toBe(true)
  expect(it.agent.desired).toMatchObject({ generation: 1, farms: [{ name: 'web' }] })
  expect((await it.api('GET', '/api/v1/status')).body).toMatchObject({ generation: 1, appliedGeneration: 1, pending: false, agent: { connected: true } })
})

test('the scheduled job sends what is pending without anyone doing anything', async () => {
  await it.agent.stop()
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  startJobs()
  await it.agent.start()
  await vi.waitFor(() => expect(it.agent.desired.generation).toBe(1), { timeout: 8000, interval: 50 })
})

test('an agent with another document gets the whole one', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  it.agent.desired = { generation: 40, farms: [] }
  const reply = await it.api('PUT', '/api/v1/farms/dns', { body: farm({ name: 'dns', protocol: 'udp', ports: ['53'] }) })
  expect(reply.status).toBe(201)
  expect(it.agent.desired.farms.map((one) => one.name).sort()).toEqual(['dns', 'web'])
})

test('an agent that was restarted with an empty document is filled again', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  await it.agent.stop()
  it.agent.desired = { generation: 0, farms: [] }
  await it.agent.start()
  expect(await resend()).toBe(true)
  expect(it.agent.desired).toMatchObject({ generation: 1, farms: [{ name: 'web' }] })
})

test('the reply of a slow agent says pending, and the state is true once it has finished', async () => {
  it.agent.delay = 6000
  const reply = await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  expect([reply.status, reply.body.pending]).toEqual([201, true])
  expect((await it.api('GET', '/api/v1/farms/web/status')).body).toMatchObject({ pending: true })
  it.agent.delay = 0
  await vi.waitFor(async () => expect((await it.api('GET', '/api/v1/status')).body.pending).toBe(false), { timeout: 5000, interval: 50 })
})

test('an agent of another version is told apart, and the edit is kept', async () => {
  it.agent.protocol = agentProtocol + 1
  const reply = await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  expect(reply.body).toMatchObject({ pending: true, faults: [{ code: 'agent-version', detail: expect.stringContaining(`protocol ${agentProtocol + 1}`) }] })
  expect((await it.api('GET', '/api/v1/farms/web')).status).toBe(200)
})

test('why the agent cannot be reached is said in words', async () => {
  await it.agent.stop()
  expect((await it.api('GET', '/api/v1/status')).body.agent).toMatchObject({ connected: false, message: expect.stringContaining('There is no socket') })
  mkdirSync(`${it.folder}/agent.sock`)
  expect((await it.api('GET', '/api/v1/farms/none/ruleset')).status).toBe(404)
  expect((await it.api('GET', '/api/v1/status')).body).toMatchObject({ agent: { connected: false }, faults: [{ code: 'agent-away' }] })
})

test('without the agent a VIP in no known subnet is saved', async () => {
  await it.agent.stop()
  expect((await it.api('PUT', '/api/v1/farms/web', { body: farm({ vip: '198.51.100.7', backends: [] }) })).status).toBe(201)
})

test('faults of the farm and of the appliance come with the reply, those of other farms do not', async () => {
  it.agent.faults = [fault('backend-mac-unknown', 'web1', { farm: 'web', backend: 'web1' }), fault('no-active-backend', 'dns', { farm: 'dns' }), fault('engine-down', 'nftlb')]
  const reply = await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  expect(reply.body.faults).toMatchObject([{ code: 'backend-mac-unknown' }, { code: 'engine-down' }])
})

test('a failed pass makes those farms an error that are not applied, and no others', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  it.agent.faults = [fault('apply-failed', 'nft ended with code 1.')]
  expect((await it.api('GET', '/api/v1/farms/web/status')).body).toMatchObject({ status: 'online', faults: [] })
  it.agent.applied = 0
  expect((await it.api('GET', '/api/v1/farms/web/status')).body).toMatchObject({ status: 'error', pending: true, faults: [{ code: 'apply-failed' }] })
})

test('status, interfaces, ruleset and nftlb JSON of a farm', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  expect((await it.api('GET', '/api/v1/farms/web/status', { as: 'read' })).body).toMatchObject({ status: 'online', active: 2, total: 2, interface: 'eth0' })
  expect((await it.api('GET', '/api/v1/status', { as: 'read' })).body).toMatchObject({ farms: [{ name: 'web', status: 'online' }], faults: [] })
  expect((await it.api('GET', '/api/v1/interfaces', { as: 'read' })).body.items).toMatchObject([{ name: 'eth0' }, { name: 'eth1' }])
  expect((await it.api('GET', '/api/v1/farms/web/ruleset', { as: 'read' })).body.text).toContain('# web')
  const rendered = await it.api('GET', '/api/v1/farms/web/nftlb', { as: 'read' })
  expect(rendered.body.farms).toMatchObject([{ mode: 'dsr', scheduler: 'hash', iface: 'eth0', 'virtual-addr': '203.0.113.7', backends: [{ 'ether-addr': '52:54:00:00:00:aa', state: 'up' }, {}] }])
  expect(rendered.body.notes).toEqual([expect.stringContaining('Scheduler maglev became hash'), expect.stringContaining('slots')])
  await it.api('PATCH', '/api/v1/farms/web', { body: { scheduler: 'symhash' }, headers: { 'if-match': '*' } })
  expect((await it.api('GET', '/api/v1/farms/web/nftlb')).body).toMatchObject({ farms: [{ scheduler: 'symhash' }], notes: [] })
})

test('without the agent the status is unmonitored, the interfaces unknown and the ruleset a 503', async () => {
  await it.api('PUT', '/api/v1/farms/web', { body: farm() })
  await it.agent.stop()
  expect((await it.api('GET', '/api/v1/farms/web/status')).body).toMatchObject({ status: 'unmonitored', pending: true })
  expect((await it.api('GET', '/api/v1/farms/web/ruleset')).status).toBe(503)
  expect((await it.api('GET', '/api/v1/farms/web/nftlb')).status).toBe(200)
})
