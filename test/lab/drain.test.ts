import { afterAll, beforeAll, expect, test } from 'vitest'
import { total } from './client.ts'
import { confirm, createFarm, openConsole, press, type ConsoleWindow } from './console-window.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { allHealthy } from './health-site.ts'
import { until } from './until.ts'

let site: Site
let operator: ConsoleWindow
const url = 'http://203.0.113.100/'
const connections = 50

beforeAll(async () => {
  site = await openSite({ backends: ['web1', 'web2'], ports: [80] })
  operator = await openConsole(site.appliance)
  await createFarm(operator, site.appliance, { name: 'web', vip: '203.0.113.100', ports: '80', persistence: ['Client address', 'Client port'], backends: backendsOf(['web1', 'web2']) })
  await site.prepare('web')
  await site.appliance.api.applied()
  await allHealthy(site, 'web')
})
afterAll(async () => {
  await operator?.close()
  await site?.remove()
})

async function adminState(backend: string, wanted: string): Promise<void> {
  await until(`${backend} is ${wanted} in the kernel`, async () => {
    const status = await site.appliance.api.farmStatus('web')
    return !status.pending && status.backends.find((one) => one.name === backend)?.adminState === wanted
  })
}

test(`draining a backend under ${connections} open connections breaks none and sends it no new client`, async () => {
  const { client, appliance } = site
  const opened = await client.hold({ name: 'open', url, connections })
  expect(opened.backends.filter((backend) => backend === 'web2').length).toBeGreaterThan(0)

  await press(operator, appliance, 'web', 'Drain', 'web2')
  await adminState('web2', 'draining')
  expect(await client.use('open')).toEqual(opened)
  expect(await client.request({ url, count: 200 })).toEqual({ answered: { web1: 200 }, failures: [] })
  expect(await client.use('open')).toEqual(opened)
})

test('enabling a drained backend sends it new clients again, and still breaks no open connection', async () => {
  const { client, appliance } = site
  const before = await client.use('open')
  await press(operator, appliance, 'web', 'Enable', 'web2')
  await adminState('web2', 'enabled')
  const tally = await client.request({ url, count: 200 })
  expect(total(tally)).toBe(200)
  expect(Object.keys(tally.answered).sort()).toEqual(['web1', 'web2'])
  expect(await client.use('open')).toEqual(before)
})

test('disabling a backend moves its clients at once: its connections end, nothing reaches it any more', async () => {
  const { client, appliance } = site
  const before = await client.use('open')
  await press(operator, appliance, 'web', 'Disable', 'web2')
  await confirm(operator, 'Disable', 'web2')
  await adminState('web2', 'disabled')
  expect(await client.request({ url, count: 200 })).toEqual({ answered: { web1: 200 }, failures: [] })
  const after = await client.use('open')
  expect(after.backends).toEqual(before.backends.map((backend) => (backend === 'web1' ? 'web1' : null)))
})
