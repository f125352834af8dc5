import { chmodSync } from 'node:fs'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { fault } from '#lib/domain/fault.ts'
import type { ProbeHistory } from '#lib/domain/health.ts'
import { fakeAgent, type FakeAgent } from '#test/api/fake-agent.ts'
import { administrator } from '#test/lab/appliance.ts'
import { healthy, unhealthy } from '#test/unit/domain/samples.ts'
import { violations } from './browser.ts'
import { openNewConsole, type NewConsole } from './console.ts'

let site: NewConsole
let agent: FakeAgent

const many = Array.from({ length: 200 }, (_, index) => ({ name: `node${index + 1}`, address: `203.0.113.${index + 20}` }))
const farms = {
  web: { vip: '203.0.113.7', additionalVips: ['203.0.113.8', '203.0.113.9'], ports: ['80'], backends: [{ name: 'web1', address: '203.0.113.11' }, { name: 'web2', address: '203.0.113.12' }] },
  large: { vip: '203.0.113.6', ports: ['80'], backends: many },
}

/** What one address answered in the last 60 of its probes; the last one failed when the state says so. */
function history(path: ProbeHistory['path'], address: string, state: ProbeHistory['state']): ProbeHistory {
  const now = Date.now()
  const results = Array.from({ length: 60 }, (_, index) => ({ at: now - (59 - index) * 2000, ms: 0.5, reason: state === 'unhealthy' && index > 56 ? ('timeout' as const) : null }))
  return { path, address, port: 80, state, detail: state === 'unhealthy' ? 'No answer within 1 s.' : 'It answers.', results }
}

async function listen(): Promise<void> {
  await agent.start()
  // The console is an ordinary user.
  chmodSync(site.socket, 0o666)
}

async function enter(path: string, options?: BrowserContextOptions): Promise<Page> {
  const page = await site.visit(options)
  const answer = await page.request.post('/api/v1/session', { data: administrator, headers: { origin: site.url } })
  expect(answer.status()).toBe(200)
  await page.goto(path)
  return page
}

/** One of three VIPs fails at web1, and web2 starts slowly. */
function failOneVip(): void {
  agent.health = { web1: { ...unhealthy, since: new Date(Date.now() - 240_000).toISOString() }, web2: { ...healthy, part: 0.5 } }
  agent.probes = {
    backends: [
      { name: 'web1', health: unhealthy, probes: [history('rip', '203.0.113.11', 'healthy'), history('vip', '203.0.113.7', 'healthy'), history('vip', '203.0.113.8', 'healthy'), history('vip', '203.0.113.9', 'unhealthy')] },
      { name: 'web2', health: healthy, probes: [history('rip', '203.0.113.12', 'healthy'), history('vip', '203.0.113.7', 'healthy'), history('vip', '203.0.113.8', 'healthy'), history('vip', '203.0.113.9', 'healthy')] },
    ],
  }
  agent.faults = [fault('backend-unhealthy', unhealthy.reason ?? '', { farm: 'web', backend: 'web1' })]
}

beforeAll(async () => {
  site = await openNewConsole(administrator.password)
  agent = fakeAgent(site.socket)
  await listen()
  const page = await enter('/farms')
  for (const [name, farm] of Object.entries(farms)) {
    const made = await page.request.put(`/api/v1/farms/${name}`, { data: farm, headers: { origin: site.url } })
    expect(made.status()).toBe(201)
  }
  await site.leave()
})
beforeEach(() => {
  agent.health = {}
  agent.probes = { backends: [] }
  agent.faults = []
})
afterEach(() => site.leave())
afterAll(async () => {
  await agent?.stop()
  await site?.remove()
})

test('of several VIPs the failing one comes first, the others are one press away, and a slow start says its share', async () => {
  failOneVip()
  const page = await enter('/farms/web')
  const table = page.getByRole('table', { name: 'Backends' })
  const strips = table.getByRole('slider', { name: /^web1: last probes of its VIP/ })
  await strips.nth(1).waitFor()
  expect(await strips.count()).toBe(2)
  expect(await strips.first().getAttribute('aria-label')).toContain('203.0.113.9:80')
  await table.getByRole('button', { name: 'All 3 VIPs' }).first().click()
  expect(await strips.count()).toBe(3)
  await table.getByText('(4 min ago)').waitFor()
  await table.getByText('It starts slowly and has 50\u00a0% of its share now.').waitFor()
})

test('a probe that was picked stays told while newer ones come in', async () => {
  failOneVip()
  const page = await enter('/farms/web')
  const strip = page.getByRole('table', { name: 'Backends' }).getByRole('slider', { name: 'web1: last probes of its own address 203.0.113.11:80' })
  await strip.focus()
  await strip.press('ArrowLeft')
  const told = await strip.getAttribute('aria-valuetext')
  expect(told).toMatch(/^\d\d:\d\d:\d\d · 0\.5\sms · answered$/)
  const [first] = agent.probes.backends
  const probe = first?.probes[0]
  if (!probe) throw new Error('There are no probes.')
  probe.results = [...probe.results.slice(1), { at: Date.now(), ms: 77, reason: null }]
  await expect.poll(() => strip.inputValue(), { timeout: 10_000 }).toBe('57')
  expect(await strip.getAttribute('aria-valuetext')).toBe(told)
  await strip.press('End')
  expect(await strip.getAttribute('aria-valuetext')).toMatch(/77\sms/)
})

test('a backend that is held back says when it comes back, and one that serves although it fails says why', async () => {
  const until = new Date(Date.now() + 60_000)
  agent.health = { web1: { ...unhealthy, damped: { seconds: 16, until: until.toISOString() } }, web2: unhealthy }
  agent.faults = [fault('all-unhealthy', 'web keeps web2, which failed last.', { farm: 'web' })]
  const page = await enter('/farms/web')
  const table = page.getByRole('table', { name: 'Backends' })
  const clock = until.toLocaleTimeString('en-GB', { timeStyle: 'medium' })
  await table.getByText(`It failed too often in ten minutes. It comes back at ${clock} if it goes on answering.`).waitFor()
  await table.getByText('It stays in use, because no backend of the farm is healthy.').first().waitFor()
  await page.getByRole('region', { name: 'Faults' }).getByText('Critical: No backend of the farm is healthy').waitFor()
  await page.goto('/')
  await page.getByRole('row', { name: /Error web/ }).waitFor()
})

test('200 backends that fail are one line that opens, below what is worse', async () => {
  agent.health = Object.fromEntries(many.map(({ name }) => [name, unhealthy]))
  agent.faults = [...many.map(({ name }) => fault('backend-unhealthy', `${name} was refused.`, { farm: 'large', backend: name })), fault('all-unhealthy', 'large keeps the 200 backends that failed last.', { farm: 'large' }), fault('probe-trouble', 'nft ended with code 1')]
  const page = await enter('/')
  const lines = page.getByRole('region', { name: 'Faults' }).getByRole('listitem')
  await lines.nth(2).waitFor()
  expect(await lines.count()).toBe(3)
  expect(await lines.first().textContent()).toContain('Critical: No backend of the farm is healthy · large')
  expect(await lines.nth(1).textContent()).toContain('Warning: Backends cannot be probed')
  expect(await lines.nth(2).textContent()).toContain('large / 200 backendsnode1, node2, node3, node4, node5 and 195 more')
  await lines.nth(2).getByText('Each of the 200 backends').click()
  await page.getByText('node137 was refused.').waitFor()
  expect(await violations(page)).toEqual([])
  await page.goto('/farms/large')
  await page.getByText('A backend fails its health check · 200 backends').waitFor()
  expect(await page.getByRole('button', { name: /^Drain node/ }).count()).toBe(50)
  await page.getByLabel('Filter backends').fill('error node137')
  await page.getByText('1 of 200 backends').waitFor()
  await page.getByRole('row', { name: /Error.*node137/ }).waitFor()
})

test.each(['light', 'dark'] as const)('verdicts and events are readable in %s and in a narrow window, and stand still when they are refreshed', async (colorScheme) => {
  failOneVip()
  const page = await enter('/farms/web', { colorScheme, viewport: { width: 390, height: 844 } })
  const list = page.getByRole('list', { name: 'Backends' })
  await list.getByText('VIP unhealthy').waitFor()
  await list.getByRole('slider').first().waitFor()
  expect(await violations(page)).toEqual([])
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
  expect(await wide()).toBe(false)
  const place = () => page.getByRole('heading', { name: 'Traffic' }).boundingBox()
  const before = await place()
  for (let round = 0; round < 2; round++) await page.waitForResponse(/farms\/web\/health/)
  expect(await place()).toEqual(before)
  const at = (second: number) => new Date(Date.now() - (60 - second) * 1000).toISOString()
  agent.events = { agent: colorScheme, events: [{ seq: 1, at: at(10), farm: 'web', backend: 'web1', from: 'healthy', to: 'unhealthy', reason: 'No answer within 1 s.' }, { seq: 2, at: at(40), farm: 'web', backend: 'web1', from: 'unhealthy', to: 'healthy', reason: 'It answers again.' }] }
  await page.goto('/events?farm=web')
  await page.getByText(/^Down 30\ss, from/).first().waitFor()
  expect(await violations(page)).toEqual([])
  expect(await wide()).toBe(false)
})

test('without the agent nothing is said to be healthy, and the events stay', async () => {
  agent.events = { agent: 'before it went', events: [{ seq: 1, at: new Date().toISOString(), farm: 'web', backend: 'web2', from: 'healthy', to: 'unhealthy', reason: 'The last word.' }] }
  const page = await enter('/events')
  await page.getByText('The last word.').waitFor()
  await agent.stop()
  await page.goto('/farms/web')
  await page.getByText('Health not known: the agent says nothing about it.').first().waitFor({ timeout: 40_000 })
  expect(await page.getByText('RIP healthy').count()).toBe(0)
  await page.getByRole('tab', { name: 'Events' }).click()
  await page.getByText('The last word.').waitFor()
  await listen()
  await page.getByRole('tab', { name: 'Backends', exact: true }).click()
  await page.getByText('RIP healthy').first().waitFor({ timeout: 40_000 })
})

test('a farm that is gone has no events, and the page says so', async () => {
  site.tolerate(/404/)
  const page = await enter('/events?farm=none')
  const refusal = page.getByText('There is no farm none.')
  await refusal.waitFor()
  await page.getByLabel('Farm', { exact: true }).selectOption({ label: 'All farms' })
  await refusal.waitFor({ state: 'detached' })
})
