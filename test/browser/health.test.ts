import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { FarmWish } from '#test/lab/api.ts'
import { until } from '#test/lab/until.ts'
import { violations } from './browser.ts'
import { openConsole, type Site } from './console.ts'

let site: Site

/** Asks twice a second, so that a failure shows soon. */
const quick = { type: 'http', interval: 0.5, timeout: 0.4 } as const
const backends = [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.22' }]
const farm: FarmWish = { name: 'web', vip: '203.0.113.100', ports: ['80'], monitor: quick, backends }

beforeAll(async () => {
  site = await openConsole(['web1', 'web2'])
})
beforeEach(async () => {
  for (const { name } of (await site.appliance.api.status()).farms) await site.appliance.api.deleteFarm(name)
})
afterEach(() => site.leave())
afterAll(() => site?.remove())

async function type(page: Page | Locator, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(text)
  await page.getByLabel(label, { exact: true }).blur()
}

/** Takes the VIP from the loopback of the first backend, or puts it back: its own address answers all the time. */
async function setVip(present: boolean): Promise<void> {
  const [web1] = site.topology.backends
  if (!web1) throw new Error('There is no backend.')
  await site.topology.run(web1, ['ip', 'addr', present ? 'add' : 'del', '203.0.113.100/32', 'dev', 'lo'])
}

async function healthOf(name: string): Promise<string | undefined> {
  return (await site.appliance.api.farmStatus('web')).backends.find((backend) => backend.name === name)?.health?.state
}

async function allHealthy(): Promise<void> {
  await until('both are healthy', async () => (await healthOf('web1')) === 'healthy' && (await healthOf('web2')) === 'healthy')
}

async function configured(): Promise<Record<string, unknown>> {
  return (await site.appliance.api.call('GET', '/farms/web')).body as Record<string, unknown> // The route validates what it answers.
}

test('a farm is made with a health check of its own choice, which shows its fields alone and says when backends go and come', async () => {
  const page = await site.enter()
  await page.goto('/farms/new')
  const section = page.getByRole('region', { name: 'Health check' })
  await section.getByText('The first port of the farm is asked every 2 seconds.').waitFor()
  expect(await section.getByLabel('Interval').count()).toBe(0)
  await section.getByLabel('Type').selectOption({ label: 'HTTP request' })
  await section.getByText('A backend is out after about 7 s without an answer, and back after about 4 s of answers.').waitFor()
  expect(await section.getByLabel('Name to ask for').count()).toBe(0)
  await type(section, 'Path', '/up')
  await type(section, 'Interval', '0.5')
  await section.getByText('A probe would still wait when the next one is due').waitFor()
  await type(section, 'Timeout', '0.4')
  await section.getByText('out after about 1.9 s without an answer, and back after about 1 s').waitFor()
  await type(section, 'Good statuses', '200, 404')
  await section.getByLabel('Type').selectOption({ label: 'HTTPS request' })
  expect(await section.getByLabel('Path', { exact: true }).inputValue()).toBe('/up')
  await section.getByLabel('Type').selectOption({ label: 'HTTP request' })
  await section.getByRole('radio', { name: 'Own address only' }).check()
  await section.getByText('a backend without the VIP on its loopback gets clients and loses them').waitFor()
  await section.getByRole('radio', { name: 'Own address and VIP' }).check()
  await section.getByRole('radio', { name: 'Eject them all' }).check()
  await type(section, 'Slow start', '30')

  await type(page, 'Name', 'web')
  await type(page, 'VIP', '203.0.113.100')
  await type(page, 'Address of web1', '203.0.113.21')
  await page.getByRole('button', { name: 'Remove web2' }).click()
  await page.getByRole('button', { name: 'Health check of web1: as the farm' }).click()
  const own = page.getByRole('group', { name: 'Health check of web1' })
  await own.getByLabel('Type').selectOption({ label: 'Its own: TCP connection' })
  expect(await own.getByLabel('Interval').inputValue()).toBe('0.5')
  await type(own, 'Port', '70000')
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Create farm' }).click()
  await own.getByText('A port is 65535 or less.').waitFor()
  await type(own, 'Port', '80')
  await page.getByRole('button', { name: 'Create farm' }).click()

  await page.getByRole('link', { name: 'Go to farm web' }).click()
  await page.getByRole('heading', { name: 'web', level: 1 }).waitFor()
  expect(await configured()).toMatchObject({
    monitor: { type: 'http', path: '/up', interval: 0.5, timeout: 0.4, rise: 2, fall: 3, statuses: ['200', '404'], paths: 'both' },
    whenAllUnhealthy: 'eject',
    slowStart: 30,
    backends: [{ monitor: { type: 'tcp', port: 80, interval: 0.5, timeout: 0.4 } }],
  })
  await page.getByRole('tab', { name: 'Configuration' }).click()
  await page.getByText('HTTP request for /up · status 200, 404').waitFor()
})

test('saving a form in which nothing was changed keeps every monitor as it was', async () => {
  const own = { type: 'dns', name: 'example.com', record: 'TXT', answer: ' v=1 ', port: 53, interval: 67.5, timeout: 0.7, paths: 'rip' } as const
  await site.appliance.api.putFarm({ ...farm, monitor: { ...quick, host: 'example.com', statuses: ['200', '301-308'], body: 'two\nlines ' }, slowStart: 9, whenAllUnhealthy: 'eject', backends: backends.map((backend) => ({ ...backend, monitor: own })) })
  const [before, { generation }] = [await configured(), await site.appliance.api.applied()]
  const page = await site.enter()
  await page.goto('/farms/web/edit')
  await page.getByText('Own health check: DNS question').first().waitFor()
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.getByRole('heading', { name: 'web', level: 1 }).waitFor()
  expect(await configured()).toEqual(before)
  expect((await site.appliance.api.status()).generation).toBe(generation)
})

test('a farm without a health check says what that means, in the form and on its page', async () => {
  await site.appliance.api.putFarm(farm)
  const page = await site.enter()
  await page.goto('/farms/web/edit')
  const section = page.getByRole('region', { name: 'Health check' })
  await section.getByLabel('Type').selectOption({ label: 'No health check' })
  await section.getByText('One that fails keeps its share of the clients').waitFor()
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.getByRole('heading', { name: 'web', level: 1 }).waitFor()
  await page.getByText('No health check: nobody looks whether it works.').first().waitFor()
  expect((await configured()).monitor).toBeNull()
})

test('a VIP that is missing on a loopback shows at once, with its reason and the next step, and so does its return', async () => {
  await site.appliance.api.putFarm(farm)
  await allHealthy()
  const page = await site.enter()
  await page.goto('/farms/web')
  const table = page.getByRole('table', { name: 'Backends' })
  await table.getByText('VIP healthy').nth(1).waitFor()
  expect(await table.getByText('RIP healthy').count()).toBe(2)
  expect(await page.getByRole('heading', { name: 'Faults' }).count()).toBe(0)

  await setVip(false)
  await table.getByText('VIP unhealthy').waitFor()
  expect(await table.getByText('RIP healthy').count()).toBe(2)
  await page.getByRole('row', { name: /Error.*web1.*No/ }).waitFor()
  await table.getByText(/^VIP 203\.0\.113\.100 port 80 through this backend: .* Its own address answers\.$/).waitFor()
  await page.getByRole('region', { name: 'Faults' }).getByText('A backend fails its health check · web1').waitFor()
  const strip = table.getByRole('slider', { name: 'web1: last probes of its VIP 203.0.113.100:80' })
  await strip.focus()
  expect(await strip.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d · [\d.,]+\sms · (?!answered)/)
  await strip.press('Home')
  expect(await strip.getAttribute('aria-valuetext')).toMatch(/answered$/)

  await page.goto('/')
  await page.getByRole('region', { name: 'Faults' }).getByText('A backend fails its health check').waitFor()
  await page.goto('/farms/web')
  await table.getByRole('link', { name: 'Prepare this backend' }).click()
  await page.getByRole('heading', { name: 'Prepare the backends of web' }).waitFor()
  expect(new URL(page.url()).searchParams.get('backend')).toBe('web1')

  await setVip(true)
  await page.goto('/farms/web')
  await table.getByText('VIP healthy').nth(1).waitFor()
  await page.getByRole('row', { name: /Online.*web1.*Yes/ }).waitFor()
  await page.getByRole('tab', { name: 'Events' }).click()
  const events = page.getByRole('list', { name: 'Events' }).getByRole('listitem')
  await events.first().getByText('It answers again.').waitFor()
  await events.first().getByText(/^Down \d+\ss, from/).waitFor()
  await events.nth(1).getByText(/^Down \d+\ss, until/).waitFor()
  await page.getByRole('tab', { name: 'Backends', exact: true }).click()
  await page.getByRole('button', { name: 'More for web1' }).click()
  await page.getByRole('menuitem', { name: 'Events of web1' }).click()
  await page.getByRole('heading', { name: 'Events', level: 1 }).waitFor()
  await page.getByText(/^Down \d+\ss, until/).first().waitFor()
  expect(await page.getByLabel('Backend', { exact: true }).inputValue()).toBe('web1')
})

test('events of all farms are on a page of their own, and of one farm or one backend when they are chosen', async () => {
  await site.appliance.api.putFarm(farm)
  await site.appliance.api.putFarm({ ...farm, name: 'dark', vip: '203.0.113.101', backends: [{ name: 'gone', address: '203.0.113.99', mac: '52:54:00:00:00:99' }] })
  await until('the backend that is not there is unhealthy', async () => (await site.appliance.api.farmStatus('dark')).backends[0]?.health?.state === 'unhealthy')
  await setVip(false)
  await until('web1 is unhealthy', async () => (await healthOf('web1')) === 'unhealthy')
  await setVip(true)
  await allHealthy()

  const page = await site.enter()
  await page.goto('/')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Events' }).click()
  const list = page.getByRole('list', { name: 'Events' })
  await list.getByRole('listitem').filter({ hasText: 'dark / gone' }).getByText(/^Still down, \d+/).waitFor()
  await page.getByLabel('Farm', { exact: true }).selectOption('web')
  await list.getByText('gone').waitFor({ state: 'detached' })
  await list.getByRole('listitem').filter({ hasText: 'healthy' }).nth(1).waitFor()
  expect(new URL(page.url()).search).toBe('?farm=web')
  await page.getByLabel('Backend', { exact: true }).selectOption('web2')
  await page.getByText('Here is told when a backend fails its health check').waitFor()
  await page.reload()
  expect(await page.getByLabel('Backend', { exact: true }).inputValue()).toBe('web2')
  await page.getByText('Here is told when a backend fails its health check').waitFor()
  expect(await violations(page)).toEqual([])
})
