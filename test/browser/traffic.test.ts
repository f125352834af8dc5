import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { sample } from '#test/unit/domain/samples.ts'
import { violations } from './browser.ts'
import { openFakeSite, type FakeSite } from './fake-site.ts'

let site: FakeSite
let traffic: NodeJS.Timeout
let unsent = 0

const farm = {
  vip: '203.0.113.7',
  ports: ['80', '443'],
  backends: [
    { name: 'web1', address: '203.0.113.21', weight: 2 },
    { name: 'web2', address: '203.0.113.22' },
  ],
}

/** Counters as they would be after ten packets of 60 bytes in every 10 ms, three quarters of them to web1. */
function count(): void {
  const now = Date.now()
  const packets = Math.floor((now - 1_700_000_000_000) / 10) * 10
  site.agent.stats = sample(new Date(now).toISOString(), { web: { packets, unsent, backends: { web1: (packets * 3) / 4, web2: packets / 4 } } })
}

beforeAll(async () => {
  site = await openFakeSite()
  count()
  traffic = setInterval(count, 100)
  await site.listen()
  const page = await site.enter('/farms')
  await site.call(page, 'PUT', '/farms/web', farm)
  await site.leave()
})
afterEach(() => site.leave())
afterAll(async () => {
  clearInterval(traffic)
  await site?.remove()
})

test('a farm shows its traffic now and in all, the engine that serves it, and what each backend gets', async () => {
  const page = await site.enter('/farms/web')
  await page.getByText('· engine nftlb').waitFor()
  const card = page.getByRole('region', { name: 'Traffic' }).getByRole('definition')
  await card.getByText(/^(99\d|1\.0\d\sk)\spackets\/s$/).waitFor()
  await card.getByText(/^(9\d|10\d)(\.\d)?\sconnections\/s$/).waitFor()
  await card.getByText(/^4[78]\d\skbit\/s$/).waitFor()
  await card.getByText(/^\d+(\.\d+)?\s[GT]B in all$/).waitFor()
  await page.getByRole('row', { name: /Online.*web1.*75\s%\s*67\s% due/ }).waitFor()
  await page.getByRole('row', { name: /Online.*web2.*25\s%\s*33\s% due/ }).waitFor()
})

test('the chart is read with the keyboard, and without traffic at a moment it says so', async () => {
  const page = await site.enter('/farms/web')
  const moment = page.getByRole('slider', { name: 'Packets/s in the last 24 hours' })
  await page.getByText(/Busiest five minutes: (99\d|1\.0\d\sk)\spackets\/s at/).waitFor()
  await moment.focus()
  // A bucket that has just begun is empty until the next look at the counters.
  await expect.poll(() => moment.getAttribute('aria-valuetext'), { timeout: 15_000 }).toMatch(/\d\d:\d\d to \d\d:\d\d: (99\d|1\.0\d\sk)\spackets\/s/)
  await moment.press('Home')
  expect(await moment.getAttribute('aria-valuetext')).toContain('nothing was measured')
  await page.getByRole('radio', { name: 'Bit/s' }).check()
  await page.getByText(/Busiest five minutes: 4[78]\d\skbit\/s at/).waitFor()
})

test('a handover is told in words as long as there is one', async () => {
  const page = await site.enter('/farms/web')
  await page.getByRole('row', { name: /Online.*web1/ }).waitFor()
  expect(await page.getByText('Handover').count()).toBe(0)
  site.agent.handovers = { web: { slots: 410, of: 4093, endsInSeconds: 3480, owners: [{ backend: 'web2', address: '203.0.113.22', endsInSeconds: 3480, packets: 12_400, quietSeconds: 42 }] } }
  await page.getByRole('heading', { name: 'Handover: 410 of 4,093 slots' }).waitFor()
  await page.getByText('web2 served old connections: 12,400 packets so far, the last one 42 s ago. What is still open in 58 min ends then.').waitFor()
  site.agent.handovers = {}
  await page.getByRole('heading', { name: /^Handover/ }).waitFor({ state: 'detached' })
})

test('packets that no backend could get are a warning in words', async () => {
  const page = await site.enter('/farms/web')
  await page.getByText(/packets\/s$/).first().waitFor()
  expect(await page.getByText('found no backend').count()).toBe(0)
  unsent = 1234
  await page.getByText('1,234 packets found no backend').waitFor()
  expect(await violations(page)).toEqual([])
})

test('the overview and the list show the rate of each farm', async () => {
  const page = await site.enter('/')
  for (const path of ['/', '/farms']) {
    await page.goto(path)
    await page.getByRole('row', { name: /Online web 2 \/ 2 203\.0\.113\.7.*DSR 4[78]\d\skbit\/s/ }).waitFor()
  }
})

test.each(['light', 'dark'] as const)('traffic and handover are readable in %s and in a narrow window, and stand still when they are refreshed', async (colorScheme) => {
  site.agent.handovers = { web: { slots: 4093, of: 4093, endsInSeconds: 50, owners: [{ backend: null, address: '203.0.113.29', endsInSeconds: 50, packets: 1, quietSeconds: 0 }] } }
  const page = await site.enter('/farms/web', { colorScheme, viewport: { width: 390, height: 844 } })
  await page.getByRole('heading', { name: /^Handover/ }).waitFor()
  await page.getByText(/^4[78]\d\skbit\/s$/).waitFor()
  expect(await violations(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)).toBe(false)
  const place = () => page.getByRole('heading', { name: 'Path' }).boundingBox()
  const before = await place()
  for (let round = 0; round < 2; round++) await page.waitForResponse(/farms\/web\/stats/)
  expect(await place()).toEqual(before)
  site.agent.handovers = {}
})

test('without the agent nothing is known of now, and what was measured stays', async () => {
  const page = await site.enter('/farms/web')
  await page.getByText(/^4[78]\d\skbit\/s$/).waitFor()
  await site.agent.stop()
  await page.getByRole('region', { name: 'Traffic' }).getByRole('definition').getByText('not known').first().waitFor({ timeout: 40_000 })
  await page.getByText(/Busiest five minutes: \d/).waitFor()
  await site.listen()
  await page.getByText(/^4[78]\d\skbit\/s$/).waitFor({ timeout: 40_000 })
})
