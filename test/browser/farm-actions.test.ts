import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openConsole, type Site } from './console.ts'

let site: Site
const farm = { name: 'web', vip: '203.0.113.100', ports: ['80'], backends: [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.22' }] }

beforeAll(async () => {
  site = await openConsole(['web1', 'web2'])
})
beforeEach(async () => {
  await site.appliance.api.putFarm(farm)
  await site.appliance.api.applied()
})
afterEach(() => site.leave())
afterAll(() => site?.remove())

test('with a scheduler that moves connections draining asks first, and then shows it', async () => {
  await site.appliance.api.patchFarm('web', { scheduler: 'symhash' })
  await site.appliance.api.applied()
  const page = await site.enter()
  await page.goto('/farms/web')
  await page.getByRole('button', { name: 'Drain web1' }).click()
  const dialog = page.getByRole('dialog', { name: 'Drain web1?' })
  await dialog.getByText('Moves connections').waitFor()
  await dialog.getByRole('button', { name: 'Drain web1' }).click()
  await page.getByRole('row', { name: /Draining.*web1.*Draining.*No/ }).waitFor()
  await page.getByText('web1 is draining').first().waitFor()
  expect((await site.appliance.api.farmStatus('web')).backends[0]).toMatchObject({ name: 'web1', status: 'draining', active: false })
})

test('a button that cannot be used says why, by mouse and by keyboard', async () => {
  const page = await site.enter()
  await page.goto('/farms/web')
  const enable = page.getByRole('button', { name: 'Enable web1' })
  await enable.hover()
  await page.getByRole('tooltip', { name: 'web1 is enabled already.' }).waitFor()
  await page.mouse.move(0, 0)
  await page.getByRole('button', { name: 'Enable web2' }).focus()
  await page.getByRole('tooltip', { name: 'web2 is enabled already.' }).waitFor()
  await page.keyboard.press('Enter')
  expect((await site.appliance.api.status()).pending).toBe(false)
})

test.each([
  ['Maglev', { scheduler: 'maglev' }],
  ['persistence', { scheduler: 'symhash', persistence: ['srcip', 'srcport'] }],
])('with %s a backend is drained without asking, for no connection is touched', async (_, changes) => {
  await site.appliance.api.patchFarm('web', changes)
  await site.appliance.api.applied()
  const page = await site.enter()
  await page.goto('/farms/web')
  await page.getByRole('button', { name: 'Drain web2' }).click()
  await page.getByRole('row', { name: /Draining.*web2/ }).waitFor()
  expect(await page.getByRole('dialog').count()).toBe(0)
})

test('disabling asks, enabling again breaks nothing and does not, and the history has both', async () => {
  const page = await site.enter()
  await page.goto('/farms/web')
  await page.getByRole('button', { name: 'Disable web2' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Disable web2' }).click()
  await page.getByRole('row', { name: /Offline.*web2.*Disabled.*No/ }).waitFor()
  await page.getByRole('button', { name: 'Enable web2' }).click()
  await page.getByRole('row', { name: /Online.*web2.*Enabled.*Yes/ }).waitFor()
  await page.getByRole('tab', { name: 'History' }).click()
  const newest = page.getByRole('article').first()
  await newest.getByRole('row', { name: 'Backend web2: admin state disabled enabled' }).waitFor()
})

test('a plan that is refused by keyboard leaves the focus where it was', async () => {
  const page = await site.enter()
  await page.goto('/farms/web')
  const disable = page.getByRole('button', { name: 'Disable web2' })
  await disable.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Disable web2?' })
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => disable.evaluate((button) => document.activeElement === button)).toBe(true)
})

test('a farm is deleted only after its name was typed', async () => {
  const page = await site.enter()
  await page.goto('/farms/web')
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete farm web?' })
  await dialog.getByText('Interrupts').waitFor()
  const confirm = dialog.getByRole('button', { name: 'Delete farm' })
  expect(await confirm.getAttribute('aria-disabled')).toBe('true')
  await dialog.getByLabel('Type web to confirm').fill('we')
  await page.keyboard.press('Enter')
  expect(await confirm.getAttribute('aria-disabled')).toBe('true')
  await dialog.getByLabel('Type web to confirm').fill('web')
  await confirm.click()
  await page.getByRole('heading', { name: 'Farms', level: 1 }).waitFor()
  await page.getByText('Farm web was deleted').first().waitFor()
  await page.getByRole('heading', { name: 'No farms yet' }).waitFor()
  expect((await site.appliance.api.status()).farms).toEqual([])
})

test('when someone else was faster, both versions are shown, nothing typed is lost, and one can go on', async () => {
  site.tolerate(/status of 412/)
  const page = await site.enter()
  await page.goto('/farms/web/edit')
  const ports = page.getByLabel('Ports', { exact: true })
  await ports.fill('80, 8080')
  await site.appliance.api.patchFarm('web', { ports: ['80', '443'] })
  await page.getByRole('button', { name: 'Save changes' }).click()
  const conflict = page.getByRole('dialog', { name: 'Someone else changed this farm' })
  await conflict.getByRole('row', { name: 'Ports 80, 443 80, 8080' }).waitFor()
  await conflict.getByRole('button', { name: 'Go on editing' }).click()
  expect(await ports.inputValue()).toBe('80, 8080')

  // What was seen counts as known, so the next save goes through.
  await page.getByRole('button', { name: 'Save changes' }).click()
  const plan = page.getByRole('dialog', { name: 'This change touches live connections' })
  const saved = page.getByRole('heading', { name: 'web', level: 1, exact: true })
  await plan.or(saved).first().waitFor()
  if (await plan.isVisible()) await plan.getByRole('button', { name: 'Save and apply' }).click()
  await saved.waitFor()
  expect((await site.appliance.api.call('GET', '/farms/web')).body).toMatchObject({ ports: ['80', '8080'] })
})

test('a farm that someone else deleted can be created again out of the form', async () => {
  site.tolerate(/status of (412|404)/)
  const page = await site.enter()
  await page.goto('/farms/web/edit')
  await page.getByLabel('Ports', { exact: true }).fill('8080')
  await site.appliance.api.deleteFarm('web')
  await page.getByRole('button', { name: 'Save changes' }).click()
  const conflict = page.getByRole('dialog', { name: 'Someone else deleted this farm' })
  await conflict.getByRole('button', { name: 'Create it again' }).click()
  await page.getByRole('heading', { name: 'web', level: 1, exact: true }).waitFor()
  expect((await site.appliance.api.call('GET', '/farms/web')).body).toMatchObject({ ports: ['8080'] })
})

test('the list shows every farm with its status and is filtered by any word', async () => {
  await site.appliance.api.putFarm({ name: 'mail', vip: '203.0.113.101', protocol: 'tcp', ports: ['25'], adminState: 'disabled', backends: [] })
  const page = await site.enter()
  await page.goto('/farms')
  await page.getByRole('row', { name: /Online web 2 \/ 2 203\.0\.113\.100:80 TCP DSR/ }).waitFor()
  await page.getByRole('row', { name: /Offline mail.*disabled/ }).waitFor()
  await page.getByRole('searchbox', { name: 'Filter farms' }).fill('offline 25')
  await page.getByText('1 of 2 farms').waitFor()
  expect(await page.getByRole('link', { name: 'web' }).count()).toBe(0)
  await page.getByRole('link', { name: 'mail' }).press('Enter')
  await page.getByRole('heading', { name: 'mail', level: 1 }).waitFor()
  await page.goto('/')
  await site.appliance.api.deleteFarm('mail')
})

test('an edit while the agent is away is kept, shown as pending, and applied when it is back', async () => {
  const page = await site.enter()
  await page.goto('/farms/web')
  await page.getByRole('row', { name: /Online.*web2/ }).waitFor()
  await site.appliance.agent().end('SIGTERM')
  await page.getByRole('button', { name: 'Agent away' }).waitFor()
  await page.getByRole('button', { name: 'Disable web2' }).click()
  await page.getByText('1 change is not applied yet: the agent does not answer.').waitFor()
  await page.getByText('· not applied yet').waitFor()
  await site.appliance.startAgent()
  await page.getByRole('row', { name: /Offline.*web2.*Disabled.*No/ }).waitFor({ timeout: 60_000 })
  await page.getByText('is not applied yet: the agent does not answer').waitFor({ state: 'detached', timeout: 60_000 })
})
