import { expect, test } from 'vitest'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()
const web = '/api/v1/farms/web'
const anyVersion = { 'if-match': '*' }
const http = { type: 'http' as const, path: '/up', statuses: ['200', '204'] }

test('a farm that names no monitor gets one, which is echoed and sent to the agent', async () => {
  const expected = { monitor: { type: 'tcp', paths: 'both', interval: 2, timeout: 1, rise: 2, fall: 3, port: null }, whenAllUnhealthy: 'keep', slowStart: 0 }
  expect((await it.api('PUT', web, { body: farm() })).body.farm).toMatchObject(expected)
  expect(it.agent.desired.farms).toMatchObject([expected])
})

test('monitors of a farm and of a backend are kept with all their fields, and a farm sent back as it was read changes nothing', async () => {
  const backends = [{ name: 'web1', address: '203.0.113.21', monitor: http }, { name: 'web2', address: '203.0.113.22' }]
  await it.api('PUT', web, { body: farm({ backends, monitor: { type: 'icmp', interval: 0.5, timeout: 0.5 }, whenAllUnhealthy: 'eject', slowStart: 60 }) })
  const { body } = await it.api('GET', web)
  expect(body).toMatchObject({ monitor: { type: 'icmp', interval: 0.5, timeout: 0.5, rise: 2 }, whenAllUnhealthy: 'eject', slowStart: 60, backends: [{ monitor: { ...http, host: null, body: null, port: null } }, { monitor: null }] })
  expect((await it.api('PUT', web, { body, headers: anyVersion })).body).toMatchObject({ generation: 1 })
})

test('a patch changes single fields of a monitor, and null takes it away', async () => {
  await it.api('PUT', web, { body: farm() })
  expect((await it.api('PATCH', web, { body: { monitor: { fall: 5 } }, headers: anyVersion })).body.farm).toMatchObject({ monitor: { type: 'tcp', fall: 5 } })
  expect((await it.api('PATCH', web, { body: { monitor: null }, headers: anyVersion })).body.farm).toMatchObject({ monitor: null })
  expect((await it.api('PATCH', web, { body: { handoverPeriod: 60 }, headers: anyVersion })).body.farm).toMatchObject({ monitor: null })
  expect((await it.api('PATCH', `${web}/backends/web1`, { body: { monitor: http }, headers: anyVersion })).body.farm).toMatchObject({ backends: [{ monitor: { type: 'http', paths: 'both' } }, {}] })
  expect((await it.api('PATCH', `${web}/backends/web1`, { body: { monitor: null }, headers: anyVersion })).body.farm).toMatchObject({ backends: [{ monitor: null }, {}] })
})

test('a wrong monitor is refused with where it stands in the body', async () => {
  const wrong = await it.api('PUT', web, { body: farm({ monitor: { type: 'tcp', timeout: 9 } }) })
  expect([wrong.status, wrong.body.errors]).toMatchObject([422, [{ pointer: '/monitor/timeout', code: 'monitor-timeout' }]])
  await it.api('PUT', web, { body: farm() })
  const backend = await it.api('PATCH', `${web}/backends/web2`, { body: { monitor: { type: 'arp', paths: 'vip' } }, headers: anyVersion })
  expect(backend.body.errors).toMatchObject([{ pointer: '/monitor/paths', code: 'monitor-arp-vip' }])
})

test('a default monitor follows mode, protocol and ports; one that somebody chose stays', async () => {
  await it.api('PUT', web, { body: farm() })
  const patch = (body: object) => it.api('PATCH', web, { body, headers: { 'if-match': '*' } })
  const monitor = async () => (await it.api('GET', web)).body.monitor
  expect(await monitor()).toMatchObject({ type: 'tcp', paths: 'both' })
  expect((await patch({ mode: 'snat', scheduler: 'symhash' })).status).toBe(200)
  expect(await monitor()).toMatchObject({ type: 'tcp', paths: 'rip' })
  expect((await patch({ protocol: 'udp' })).status).toBe(200)
  expect(await monitor()).toMatchObject({ type: 'icmp', paths: 'rip' })
  expect((await patch({ mode: 'dsr', scheduler: 'maglev', protocol: 'tcp', monitor: { type: 'tcp', paths: 'both', interval: 5 } })).status).toBe(200)
  expect((await patch({ ports: ['81'] })).status).toBe(200)
  expect(await monitor()).toMatchObject({ type: 'tcp', interval: 5 })
  expect((await patch({ mode: 'snat', scheduler: 'symhash' })).body.errors).toMatchObject([{ code: 'monitor-vip-needs-dsr' }])
  expect((await patch({ monitor: null })).status).toBe(200)
  expect((await patch({ ports: ['82'] })).status).toBe(200)
  expect(await monitor()).toBeNull()
})
