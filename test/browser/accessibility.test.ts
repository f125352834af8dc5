import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { report } from '#test/unit/prep/sample-report.ts'
import { violations } from './browser.ts'
import { openConsole, type Site } from './console.ts'

let site: Site
const failedCheck = report({
  vips: ['203.0.113.100'],
  services: ['203.0.113.100/tcp/80'],
  items: [
    { code: 'vip-on-lo', subject: '203.0.113.100', verdict: 'fail', found: '' },
    { code: 'arp-ignore', subject: 'eth0', verdict: 'ok', found: '1' },
    { code: 'persistence', subject: '', verdict: 'warn', found: 'no unit' },
  ],
})

beforeAll(async () => {
  site = await openConsole(['web1', 'web2'])
  const backends = [
    { name: 'web1', address: '203.0.113.21' },
    { name: 'web2', address: '203.0.113.22', adminState: 'draining' as const },
    { name: 'web3', address: '203.0.113.99' },
  ]
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], backends })
  await site.appliance.api.putFarm({ name: 'off', vip: '203.0.113.101', ports: ['80', '443', '8000-8010'], adminState: 'disabled', backends: [] })
  await site.appliance.api.patchFarm('web', { scheduler: 'symhash', persistence: ['srcip'] })
  await site.appliance.api.call('POST', '/tokens', { name: 'ci', scope: 'read' })
  await site.appliance.api.call('POST', '/farms/web/backends/web1/prep/report', failedCheck)
})
afterEach(() => site.leave())
afterAll(() => site?.remove())

/** Path, and a text that is there when the page has its data. */
const pages = [
  ['/', 'A backend does not answer on the network'],
  ['/farms', '203.0.113.100:80'],
  ['/farms/new', 'Automatic: the one whose subnet holds the VIP.'],
  ['/farms/web', 'Reply, straight to the client'],
  ['/farms/web?tab=prepare', 'SHA-256'],
  ['/farms/web/prepare?backend=web1', '1 of 3 checks failed.'],
  ['/farms/web/prepare?backend=web2', 'No check of web2 has come yet.'],
  ['/farms/web?tab=doctor', 'web was not examined yet'],
  ['/farms/web?tab=events', '203.0.113.99 port 80'],
  ['/farms/web?tab=configuration', 'automatic: the one whose subnet holds the VIP'],
  ['/farms/web?tab=rules', 'ether daddr set'],
  ['/farms/web?tab=history', 'web created'],
  ['/farms/web/edit', 'Automatic: eth0, whose subnet holds the VIP.'],
  ['/doctor', 'Nothing was examined yet'],
  ['/events', '203.0.113.99 port 80'],
  ['/history', 'off created'],
  ['/audit', 'farm.put'],
  ['/tokens', 'Last used'],
  ['/rest-api', 'Drain a backend'],
] as const

test.each(['light', 'dark'] as const)('axe finds nothing on any page in %s', async (colorScheme) => {
  const page = await site.enter({ colorScheme })
  const found: Record<string, string[]> = {}
  for (const [path, text] of pages) {
    await page.goto(path)
    await page.getByText(text).first().waitFor()
    const here = await violations(page)
    if (here.length > 0) found[path] = here
  }
  expect(found).toEqual({})
})

test('axe finds nothing in dialogs, menus and a form full of messages', async () => {
  const page = await site.enter()
  await page.goto('/farms/web')
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog').getByText('Interrupts').waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Account admin' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
  // A menu lies over the page, in no landmark of it.
  expect(await violations(page, ['region'])).toEqual([])
  await page.goto('/farms/new')
  await page.getByRole('button', { name: 'Create farm' }).click()
  await page.getByText('things need your attention').waitFor()
  expect(await violations(page)).toEqual([])
  await page.goto('/tokens')
  await page.getByRole('button', { name: 'New token' }).click()
  await page.getByRole('dialog').getByLabel('Scope').waitFor()
  expect(await violations(page)).toEqual([])
})

test('no page scrolls sideways in a window of 320 pixels, and the navigation opens from its button', async () => {
  const page = await site.enter({ viewport: { width: 320, height: 720 } })
  const wide: string[] = []
  for (const [path, text] of pages) {
    await page.goto(path)
    await page.getByText(text).first().waitFor({ state: 'attached' })
    if (await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) wide.push(path)
  }
  expect(wide).toEqual([])
  await page.getByRole('button', { name: 'Open navigation' }).click()
  await page.getByRole('dialog', { name: 'Tangent' }).waitFor()
  expect(await violations(page, ['region'])).toEqual([])
  await page.getByRole('dialog', { name: 'Tangent' }).getByRole('link', { name: 'Tokens' }).click()
  await page.getByRole('heading', { name: 'Tokens', level: 1 }).waitFor()
})

test('a chosen theme holds after a reload, from the first paint on', async () => {
  const page = await site.enter({ colorScheme: 'light' })
  await page.goto('/')
  await page.getByRole('button', { name: 'Theme' }).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const dark = await background()
  // Before any script of the page itself has run.
  await page.reload({ waitUntil: 'commit' })
  await page.waitForSelector('body', { state: 'attached' })
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  expect(await background()).toBe(dark)
  await page.getByRole('button', { name: 'Theme' }).click()
  await page.getByRole('menuitemradio', { name: 'Like the system' }).click()
  expect(await background()).not.toBe(dark)
})

test('a token is shown once, works, and is revoked', async () => {
  const page = await site.enter()
  await page.goto('/tokens')
  await page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('backup')
  await dialog.getByRole('button', { name: 'Create token' }).click()
  await dialog.getByText('Copy it now').waitFor()
  const token = (await dialog.getByText(/^tangent_/).textContent()) ?? ''
  const call = () => fetch(`${site.appliance.url}/api/v1/farms`, { headers: { authorization: `Bearer ${token}` } })
  expect((await call()).status).toBe(200)
  await dialog.getByRole('button', { name: 'Done' }).click()
  expect(await page.getByText(token).count()).toBe(0)
  await page.getByRole('button', { name: 'Revoke backup' }).click()
  await page.getByRole('dialog', { name: 'Revoke backup?' }).getByRole('button', { name: 'Revoke token' }).click()
  await page.getByText('Token backup was revoked').first().waitFor()
  await expect.poll(() => page.getByRole('rowheader', { name: 'backup' }).count()).toBe(0)
  expect((await call()).status).toBe(401)
})
