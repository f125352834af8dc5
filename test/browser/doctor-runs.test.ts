import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { evidenceOf } from '#test/api/doctor-evidence.ts'
import { holdDoctor } from '#test/api/doctor-runs.ts'
import { doctorReportSchema } from '#lib/domain/doctor/run.ts'
import { violations } from './browser.ts'
import { openFakeSite, type FakeSite } from './fake-site.ts'

let site: FakeSite

const backends = ['web1', 'web2', 'web3'].map((name, index) => ({ name, address: `203.0.113.${21 + index}` }))

beforeAll(async () => {
  site = await openFakeSite()
  await site.listen()
  const page = await site.enter('/farms')
  await site.call(page, 'PUT', '/farms/web', { vip: '203.0.113.7', ports: ['80'], backends })
  await site.call(page, 'PUT', '/farms/mail', { vip: '203.0.113.8', ports: ['25'], backends: [{ name: 'mail1', address: '203.0.113.31' }] })
  await site.leave()
})
beforeEach(() => {
  site.agent.doctor = evidenceOf
})
afterEach(() => site.leave())
afterAll(() => site?.remove())

/** From now on web2 is off, and the application of web3 listens at its own address alone. */
function breakWeb(): void {
  site.agent.doctor = (farm, request) => {
    const evidence = evidenceOf(farm, request)
    for (const seen of evidence.backends) {
      if (seen.name === 'web2') Object.assign(seen, { mac: null, macs: [], echo: { small: false, large: false, bytes: 1500 }, rip: [], vips: [], vipEchoes: [] })
      if (seen.name === 'web3') for (const answer of seen.vips) Object.assign(answer, { reason: 'refused', detail: 'Connection refused.' })
    }
    return evidence
  }
}

const examine = (page: Page, what: string) => page.getByRole('button', { name: `Examine ${what}`, exact: true })
const cell = (page: Page, name: string) => page.getByRole('grid', { name: 'Checks of web' }).getByRole('button', { name })
const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)

/** Examines something with the API and waits until it is done; answers the number of the run. */
async function examined(page: Page, scope: object = {}): Promise<number> {
  const { id } = (await site.call(page, 'POST', '/doctor-runs', scope)) as { id: number }
  await expect.poll(() => site.call(page, 'GET', `/doctor-runs/${id}`), { timeout: 30_000 }).toMatchObject({ state: 'done' })
  return id
}

test('everything is examined farm by farm, also while nobody looks, and ends with what was found', async () => {
  const { release } = holdDoctor(site)
  const page = await site.enter('/doctor')
  await page.getByRole('heading', { name: 'Nothing was examined yet' }).waitFor()
  await examine(page, 'everything').press('Enter')
  await page.getByText('The doctor examines everything').first().waitFor()
  const way = page.getByRole('group', { name: 'Examining everything' })
  await way.getByText('0 of 2 farms · no finding so far').waitFor()
  expect(await examine(page, 'everything').getAttribute('aria-disabled')).toBe('true')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Examine everything')
  await page.goto('/farms')
  release('web')
  await page.goto('/doctor')
  await way.getByText('1 of 2 farms · no finding so far').waitFor()
  expect(await way.getByRole('progressbar').evaluate((bar: HTMLProgressElement) => [bar.value, bar.max])).toEqual([1, 2])
  await way.getByRole('link', { name: /See what run \d+ has found/ }).click()
  await page.getByRole('heading', { level: 1, name: /^Run \d+: everything$/ }).waitFor()
  await page.getByText('1 farm without a finding').waitFor()
  release('mail')
  await page.getByRole('status').filter({ hasText: 'All 4 backends are without a finding.' }).waitFor({ state: 'attached' })
  await page.getByText('2 farms without a finding').waitFor()
  await page.getByRole('link', { name: 'Doctor' }).last().click()
  await page.getByRole('row', { name: /All 4 backends are without a finding Everything .* admin/ }).waitFor()
})

test('what is examined already is not examined twice, and the message leads there', async () => {
  site.tolerate(/status of 409/)
  const { release } = holdDoctor(site)
  const page = await site.enter('/doctor')
  await page.getByLabel('Scope').selectOption('mail')
  const { id } = (await site.call(page, 'POST', '/doctor-runs', { farm: 'mail' })) as { id: number }
  await examine(page, 'mail').click()
  await page.getByText('mail is being examined already').first().waitFor()
  await page.getByRole('link', { name: `See run ${id}`, exact: true }).click()
  await page.getByRole('heading', { level: 1, name: `Run ${id}: mail` }).waitFor()
  release('mail')
  await page.getByText('The backend is without a finding.').last().waitFor()
})

test('a run shows what is wrong first, with causes, fixes and the way to the preparation', async () => {
  breakWeb()
  const page = await site.enter('/')
  const run = await examined(page)
  await page.goto(`/doctor/${run}`)
  await page.getByText('2 of 4 backends without a finding; 2 findings.').last().waitFor()
  const findings = page.getByRole('region', { name: 'Findings' }).getByRole('list', { name: 'Findings' })
  const texts = await findings.locator(':scope > li').allTextContents()
  expect(texts).toEqual([expect.stringMatching(/^Critical: It does not answer on the network · web \/ web2.*Causes that look the same from here:/), expect.stringMatching(/^Warning: The application does not listen at the VIP · web \/ web3/)])
  await findings.getByRole('link', { name: 'Preparation of web3' }).click()
  await page.getByRole('heading', { name: 'Prepare the backends of web' }).waitFor()
  await page.getByRole('region', { name: 'web3', exact: true }).waitFor()
  await page.goto('/')
  const card = page.getByRole('region', { name: 'Doctor' })
  await card.getByText('2 of 4 backends without a finding; 2 findings').waitFor()
  await card.getByRole('link', { name: `run ${run}` }).click()
  await page.getByRole('heading', { level: 1, name: `Run ${run}: everything` }).waitFor()
})

test('the matrix is one stop of the Tab key, is walked with the arrows, and opens the evidence of a field', async () => {
  breakWeb()
  const page = await site.enter('/')
  await page.goto(`/doctor/${await examined(page, { farm: 'web' })}`)
  const grid = page.getByRole('grid', { name: 'Checks of web' })
  await grid.waitFor()
  expect(await grid.getByRole('rowheader').allTextContents()).toEqual([expect.stringContaining('web2'), expect.stringContaining('web3'), expect.stringContaining('web1')])
  expect(await grid.locator('button[tabindex="0"]').count()).toBe(1)
  await cell(page, 'web2, 203.0.113.22: It does not answer on the network').focus()
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowLeft', 'End', 'Home', 'ArrowRight']) await page.keyboard.press(key)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'web3, On the network' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('web3, On the network: Fine')
  await cell(page, 'web3, Bound to VIP: Failed').click()
  const dialog = page.getByRole('dialog', { name: 'web3, Bound to VIP' })
  await dialog.getByText('Warning: The application does not listen at the VIP').waitFor()
  expect(await dialog.getByRole('list', { name: 'Checks of web3' }).getByRole('listitem').count()).toBe(14)
  expect(await dialog.locator('[aria-current]').textContent()).toMatch(/^Failed.*Bound to VIP\./)
  expect(await dialog.getByRole('listitem').filter({ hasText: 'ARP sender' }).locator('time').getAttribute('datetime')).toMatch(/^\d{4}-.*Z$/)
  const box = await dialog.boundingBox()
  expect((box?.y ?? Infinity) + (box?.height ?? Infinity)).toBeLessThan(900)
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Examine web3' }).click()
  await page.getByText('The doctor examines web / web3').first().waitFor()
})

test('a farm has the newest result of each backend, and one of them is examined from its row', async () => {
  const page = await site.enter('/')
  await site.call(page, 'PUT', '/farms/fresh', { vip: '203.0.113.9', ports: ['80'], backends })
  await page.goto('/farms/fresh')
  await page.getByRole('tab', { name: 'Doctor' }).click()
  await page.getByText('fresh was not examined yet').waitFor()
  await page.getByRole('tab', { name: 'Backends', exact: true }).click()
  await page.getByRole('button', { name: 'More for web2' }).first().click()
  await page.getByRole('menuitem', { name: 'Examine web2' }).click()
  await page.getByText('The doctor examines fresh / web2').first().waitFor()
  await page.getByRole('tab', { name: 'Doctor' }).click()
  await page.getByRole('heading', { name: 'The backend is without a finding' }).waitFor()
  await page.getByText('Not examined yet: web1, web3.').waitFor()
  await examine(page, 'fresh').click()
  await page.getByRole('heading', { name: 'All 3 backends are without a finding' }).waitFor()
  await page.getByText(/^Examined just now in run \d+$/).waitFor()
  expect(await page.getByText(/Not examined yet/).count()).toBe(0)
})

test('a schedule is saved and says when the next run is; what is no cron expression is told at its field', async () => {
  site.tolerate(/status of 422/)
  const page = await site.enter('/doctor')
  const card = page.getByRole('region', { name: 'Schedule' })
  await card.getByText('No run is planned.').waitFor()
  await card.getByLabel('Examine everything').selectOption({ label: 'Every hour' })
  await card.getByRole('button', { name: 'Save schedule' }).click()
  await card.getByText(/^Next run: .*:00:00$/).waitFor()
  await card.getByLabel('Examine everything').selectOption({ label: 'Own cron expression' })
  const field = card.getByLabel('Cron expression', { exact: true })
  await field.fill('61 * * * *')
  await card.getByRole('button', { name: 'Save schedule' }).click()
  await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true')
  await field.fill('30 4 * * 1')
  await card.getByRole('button', { name: 'Save schedule' }).click()
  await card.getByText(/^Next run: .*:30:00$/).waitFor()
  await page.reload()
  await expect.poll(() => field.inputValue()).toBe('30 4 * * 1')
  await card.getByLabel('Examine everything').selectOption({ label: 'Off' })
  await card.getByRole('button', { name: 'Save schedule' }).click()
  await card.getByText('No run is planned.').waitFor()
})

test('a run is downloaded as JSON', async () => {
  const page = await site.enter('/')
  const run = await examined(page)
  await page.goto(`/doctor/${run}`)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download JSON' }).click()])
  expect(doctorReportSchema.parse(JSON.parse(await readFile(await file.path(), 'utf8')))).toMatchObject({ id: run, state: 'done', counts: { findings: 0 } })
})

test('a run that is not there is told, with the way to the others', async () => {
  site.tolerate(/status of 404/)
  const page = await site.enter('/doctor/999999')
  await page.getByRole('heading', { name: 'There is no such run' }).waitFor()
  await page.goto('/doctor/none')
  await page.getByRole('heading', { name: 'There is no such run' }).waitFor()
  await page.getByRole('link', { name: 'All runs' }).click()
  await page.getByRole('heading', { level: 1, name: 'Doctor' }).waitFor()
})

test('without the agent nothing is started, and a run that was says of each farm why it could not be examined', async () => {
  const page = await site.enter('/doctor')
  await examine(page, 'everything').waitFor()
  await site.agent.stop()
  try {
    await expect.poll(() => examine(page, 'everything').getAttribute('aria-disabled'), { timeout: 40_000 }).toBe('true')
    await examine(page, 'everything').focus()
    await page.getByRole('tooltip').getByText('The agent does not answer, and it is what asks the backends.').waitFor()
    await page.goto(`/doctor/${await examined(page, { farm: 'mail' })}`)
    await page.getByText('No backend was examined; 1 farm could not be examined.').last().waitFor()
    await page.getByText('This farm could not be examined').waitFor()
    await page.goto('/farms/mail?tab=doctor')
    await page.getByText('The last examination did not succeed').waitFor()
  } finally {
    await site.listen()
  }
})

test('of many farms those with findings come first, and the others a part at a time', async () => {
  const page = await site.enter('/')
  for (let index = 0; index < 60; index++) await site.call(page, 'PUT', `/farms/many-${index}`, { vip: '203.0.113.10', ports: [String(1000 + index)], backends })
  breakWeb()
  site.agent.doctor = ((broken) => (farm, request) => (farm.name === 'web' ? broken(farm, request) : evidenceOf(farm, request)))(site.agent.doctor)
  await page.goto(`/doctor/${await examined(page)}`)
  await page.getByRole('grid', { name: 'Checks of web' }).waitFor()
  expect(await page.getByRole('grid').count()).toBe(1)
  await page.getByText(/^The first 50 of \d+\.$/).waitFor()
  expect(await page.getByText(/^many-59: /).count()).toBe(0)
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByText('many-59: All 3 backends are without a finding').click()
  await page.getByRole('grid', { name: 'Checks of many-59' }).waitFor()
})

test.each(['light', 'dark'] as const)('the pages of the doctor are readable in %s, and in a narrow window the backends stay beside what scrolls', async (colorScheme) => {
  breakWeb()
  const page = await site.enter('/', { colorScheme, viewport: { width: 390, height: 844 } })
  const run = await examined(page, { farm: 'web' })
  for (const [path, text] of [['/doctor', 'Result'], [`/doctor/${run}`, 'Causes that look the same from here:'], ['/farms/web?tab=doctor', 'Causes that look the same from here:'], ['/', 'Open the doctor']] as const) {
    await page.goto(path)
    await page.getByText(text).first().waitFor()
    expect([path, await violations(page), await sideways(page)]).toEqual([path, [], false])
  }
  await page.goto(`/doctor/${run}`)
  const backend = cell(page, 'web2, 203.0.113.22')
  const before = await backend.boundingBox()
  await cell(page, 'web2, Preparation').scrollIntoViewIfNeeded()
  const after = await backend.boundingBox()
  expect(after?.x).toBe(before?.x)
  expect((await cell(page, 'web2, Preparation').boundingBox())?.x).toBeLessThan(390)
})
