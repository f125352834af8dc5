import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openConsole, type Site } from './console.ts'

let site: Site

beforeAll(async () => {
  site = await openConsole(['web1', 'web2'])
})
beforeEach(async () => {
  for (const farm of (await site.appliance.api.status()).farms) await site.appliance.api.deleteFarm(farm.name)
})
afterEach(() => site.leave())
afterAll(() => site?.remove())

const farm = { name: 'web', vip: '203.0.113.100', ports: ['80'], backends: [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.22' }] }

async function type(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(text)
  await page.getByLabel(label, { exact: true }).blur()
}

function description(page: Page, label: string): Promise<string | null> {
  return page.getByLabel(label, { exact: true }).evaluate((element) => {
    const ids = element.getAttribute('aria-describedby') ?? ''
    return ids.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ')
  })
}

test('the first farm is created from the empty overview, applied, and its backends become active', async () => {
  const page = await site.enter()
  await page.goto('/')
  await page.getByRole('link', { name: 'Create the first farm' }).click()
  await type(page, 'Name', 'web')
  await type(page, 'VIP', farm.vip)
  await page.getByText('Automatic: eth0, whose subnet holds the VIP.').waitFor()
  await type(page, 'Address of web1', '203.0.113.21')
  await type(page, 'Address of web2', '203.0.113.22')
  await page.getByRole('button', { name: 'Create farm' }).click()

  await page.getByRole('heading', { name: 'Prepare the backends of web', level: 1 }).waitFor()
  await page.getByText('Farm web was created and applied').first().waitFor()
  await page.getByRole('list', { name: 'Backends to prepare' }).waitFor()
  await page.getByRole('link', { name: 'Go to farm web' }).click()
  await page.getByRole('row', { name: /Online.*web1.*Enabled.*Yes/ }).waitFor()
  await page.getByRole('row', { name: /Online.*web2.*Enabled.*Yes/ }).waitFor()
  await page.getByRole('img', { name: /Replies go from the backends straight to the client/ }).waitFor()
  expect(await site.appliance.api.farmStatus('web')).toMatchObject({ status: 'online', active: 2, pending: false })
})

test('messages appear at the fields as they are typed, by the same rules as the API', async () => {
  const page = await site.enter()
  await page.goto('/farms/new')
  await type(page, 'Name', 'Web Shop')
  expect(await description(page, 'Name')).toContain('lower-case letters, digits and hyphens')
  await type(page, 'Name', 'web')
  expect(await page.getByLabel('Name', { exact: true }).getAttribute('aria-invalid')).toBeNull()

  await type(page, 'VIP', '203.0.113.300')
  expect(await description(page, 'VIP')).toContain('This is not an IPv4 or IPv6 address.')
  await type(page, 'VIP', '192.0.2.1')
  expect(await description(page, 'VIP')).toContain('No interface of the appliance has a subnet that holds 192.0.2.1.')
  await type(page, 'VIP', farm.vip)

  await type(page, 'Ports', '80-70, 65536')
  expect(await description(page, 'Ports')).toContain('"80-70" is neither a port nor a range of ports.')
  await type(page, 'Ports', '80')

  await page.getByLabel('Scheduler').selectOption('round-robin')
  expect(await description(page, 'Scheduler')).toContain('breaks every TCP connection')
  await page.getByRole('group', { name: 'Persistence' }).getByLabel('Client address').check()
  expect(await page.getByLabel('Scheduler').getAttribute('aria-invalid')).toBeNull()

  await type(page, 'Address of web1', '2001:db8:113::21')
  await page.getByText('The VIP is IPv4 and this backend is not.').waitFor()
  await type(page, 'Address of web1', '203.0.113.21')
  await type(page, 'Address of web2', '203.0.113.21')
  await page.getByText('Backend 1 has this address already.').waitFor()

  // Nothing was sent: what is refused here never reaches the API.
  await page.getByRole('button', { name: 'Create farm' }).click()
  await page.getByText('1 thing needs your attention.').waitFor()
  expect(await page.getByLabel('Address of web2', { exact: true }).evaluate((element) => element === document.activeElement)).toBe(true)
  expect((await site.appliance.api.status()).farms).toEqual([])
})

test('in mode DSR the port of a backend is locked with its reason, in the other modes it is open', async () => {
  const page = await site.enter()
  await page.goto('/farms/new')
  await type(page, 'Name', 'web')
  const port = page.getByLabel('Port of web1', { exact: true })
  expect(await port.isEditable()).toBe(false)
  expect(await description(page, 'Port of web1')).toContain('the backend answers from the port that the client used')
  await page.getByRole('radio', { name: 'Source NAT' }).check()
  expect(await port.isEditable()).toBe(true)
  await port.fill('8080')
  await port.blur()
  await type(page, 'VIP', farm.vip)
  await type(page, 'Address of web1', '203.0.113.21')
  await page.getByRole('button', { name: 'Remove web2' }).click()
  await page.getByRole('button', { name: 'Create farm' }).click()
  await page.getByRole('heading', { name: 'web', level: 1 }).waitFor()
  const { body } = await site.appliance.api.call('GET', '/farms/web')
  expect(body).toMatchObject({ mode: 'snat', backends: [{ name: 'web1', port: 8080 }] })
})

test('a name and a VIP port that another farm has are said before anything is sent', async () => {
  await site.appliance.api.putFarm(farm)
  const page = await site.enter()
  await page.goto('/farms/new')
  await type(page, 'Name', 'web')
  await page.getByText('There is a farm of this name already.').waitFor()
  await type(page, 'Name', 'shop')
  await type(page, 'VIP', farm.vip)
  await type(page, 'Ports', '79-81')
  await page.getByText(`TCP port 80 of ${farm.vip} belongs to farm web.`).waitFor()
})

test('an edit that moves connections shows its plan first; nothing is saved when it is cancelled', async () => {
  await site.appliance.api.putFarm({ ...farm, scheduler: 'symhash' })
  await site.appliance.api.applied()
  const page = await site.enter()
  await page.goto('/farms/web/edit')
  expect(await page.getByLabel('Name', { exact: true }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Remove web2' }).click()
  await page.getByRole('button', { name: 'Save changes' }).click()
  const plan = page.getByRole('dialog', { name: 'This change touches live connections' })
  await plan.getByText('Moves connections').waitFor()
  await plan.getByRole('button', { name: 'Cancel' }).click()
  expect((await site.appliance.api.farmStatus('web')).total).toBe(2)

  await page.getByRole('button', { name: 'Save changes' }).click()
  await plan.getByRole('button', { name: 'Save and apply' }).click()
  await page.getByRole('heading', { name: 'web', level: 1 }).waitFor()
  await page.getByRole('row', { name: /web1/ }).waitFor()
  expect(await page.getByRole('row', { name: /web2/ }).count()).toBe(0)
  expect(await site.appliance.api.farmStatus('web')).toMatchObject({ total: 1, active: 1 })
})

test('saving a form in which nothing was changed changes nothing', async () => {
  await site.appliance.api.putFarm({ ...farm, scheduler: 'hash', hashInput: ['srcip'], persistence: ['srcip', 'srcport'], persistenceTtl: 300, ports: ['80', '443', '8000-8010'] })
  const before = await site.appliance.api.applied()
  const page = await site.enter()
  await page.goto('/farms/web/edit')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.getByRole('heading', { name: 'web', level: 1 }).waitFor()
  expect((await site.appliance.api.status()).generation).toBe(before.generation)
})

test('a farm with two VIPs sends each client to one backend, and shows both VIPs', async () => {
  const page = await site.enter()
  await page.goto('/farms/new')
  await type(page, 'Name', 'web')
  await type(page, 'VIP', farm.vip)
  await page.getByRole('button', { name: 'Add VIP' }).click()
  expect(await page.getByLabel('VIP 2', { exact: true }).evaluate((element) => element === document.activeElement)).toBe(true)
  await type(page, 'VIP 2', farm.vip)
  expect(await description(page, 'VIP 2')).toContain('is the first VIP of this farm already')
  await type(page, 'VIP 2', '203.0.113.101')
  expect(await page.getByLabel('VIP 2', { exact: true }).getAttribute('aria-invalid')).toBeNull()
  expect(await page.getByLabel('Scheduler').inputValue()).toBe('maglev')
  await page.getByLabel('Hash input').selectOption({ label: 'Address of the client only: one client stays on one backend' })
  await type(page, 'Address of web1', '203.0.113.21')
  await type(page, 'Address of web2', '203.0.113.22')
  await page.getByRole('button', { name: 'Create farm' }).click()

  await page.getByRole('link', { name: 'Go to farm web' }).click()
  const { body } = await site.appliance.api.call('GET', '/farms/web')
  expect(body).toMatchObject({ vip: farm.vip, additionalVips: ['203.0.113.101'], scheduler: 'maglev', hashInput: ['srcip'], slots: 4093, persistence: [] })
  await page.getByRole('row', { name: /Online.*web1.*Enabled.*Yes/ }).waitFor()
  expect(await site.appliance.api.farmStatus('web')).toMatchObject({ status: 'online', pending: false })
  await page.getByRole('tab', { name: 'Configuration' }).click()
  await page.getByText('Address of the client only').waitFor()
  await page.getByText('203.0.113.101', { exact: true }).waitFor()
  await page.goto('/farms')
  await page.getByRole('row', { name: /203\.0\.113\.100:80 \+1 VIP/ }).waitFor()
})

test('a mode other than DSR takes Maglev and its fields away and says why there is one VIP', async () => {
  const page = await site.enter()
  await page.goto('/farms/new')
  await page.getByText('Automatic: the one whose subnet holds the VIP.').waitFor()
  await page.getByRole('group', { name: 'Additional VIPs' }).getByRole('button', { name: 'Add VIP' }).click()
  await type(page, 'VIP 2', '203.0.113.101')
  await page.getByText('Advanced').click()
  await page.getByLabel('Handover period').fill('0')
  await page.getByLabel('Handover period').blur()
  expect(await description(page, 'Handover period')).toContain('At least 1 second')
  await type(page, 'Handover period', '600')
  await page.getByRole('radio', { name: 'Source NAT' }).check()
  expect(await page.getByLabel('Scheduler').inputValue()).toBe('symhash')
  expect(await page.getByLabel('Handover period').count()).toBe(0)
  await page.getByText('A farm with scheduler symhash has one VIP.').waitFor()
  await page.getByRole('button', { name: 'Remove 203.0.113.101' }).click()
  await expect.poll(() => page.getByText('A farm with scheduler symhash has one VIP.').count()).toBe(0)
  await page.getByRole('radio', { name: 'Direct Server Return' }).check()
  expect(await page.getByLabel('Scheduler').inputValue()).toBe('maglev')
})

test('a farm is created with the keyboard alone', async () => {
  const page = await site.enter()
  await page.goto('/farms')
  await page.getByRole('link', { name: 'Create the first farm' }).waitFor()
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
  for (let press = 0; press < 40 && (await focused()) !== 'Create the first farm'; press++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'New farm' }).waitFor()

  const labelled = () => page.evaluate(() => {
    const element = document.activeElement
    return element instanceof HTMLInputElement ? (element.labels?.[0]?.textContent ?? element.getAttribute('aria-label') ?? '') : (element?.textContent ?? '')
  })
  const tabTo = async (label: string): Promise<void> => {
    for (let press = 0; press < 60; press++) {
      if ((await labelled()).trim() === label) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`The Tab key does not lead to ${label}; it is at ${await labelled()}`)
  }
  await tabTo('Name')
  await page.keyboard.type('keys')
  await tabTo('VIP')
  await page.keyboard.type(farm.vip)
  await tabTo('Address of keys1')
  await page.keyboard.type('203.0.113.21')
  await tabTo('Address of keys2')
  await page.keyboard.type('203.0.113.22')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Prepare the backends of keys', level: 1 }).waitFor()
  expect(await site.appliance.api.farmStatus('keys')).toMatchObject({ total: 2 })
})
