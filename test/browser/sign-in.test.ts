import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openNewConsole, type NewConsole } from './console.ts'
import { violations } from './browser.ts'

let password = 'a few words of my own'
let site: NewConsole

beforeAll(async () => {
  site = await openNewConsole()
})
afterEach(() => site.leave())
afterAll(() => site?.remove())

async function signIn(page: Page, secret: string): Promise<void> {
  await page.getByLabel('Name').fill('admin')
  await page.getByLabel('Password').fill(secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('on the first run the one-time password must be replaced before anything else can be done', async () => {
  const page = await site.visit()
  await page.goto('/')
  await page.getByText('one-time password that was printed').waitFor()
  expect(await violations(page)).toEqual([])
  await signIn(page, site.oneTimePassword)

  await page.getByRole('heading', { name: 'Choose your own password' }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.goto('/farms')
  await page.getByRole('heading', { name: 'Choose your own password' }).waitFor()

  // After a reload the console does not know the one-time password any more, and asks for it.
  await page.getByLabel('One-time password').fill(site.oneTimePassword)
  await page.getByText('At least 10 characters.').waitFor()
  await page.getByLabel('New password', { exact: true }).fill('too short')
  await page.getByText('1 more character, please.').waitFor()
  await page.getByLabel('New password', { exact: true }).fill(password)
  await page.getByLabel('New password again').fill('something else')
  await page.getByText('This is not the same password.').waitFor()
  await page.getByLabel('New password again').fill(password)
  await page.getByRole('button', { name: 'Save and go on' }).click()
  await page.getByRole('heading', { name: 'Farms', level: 1 }).waitFor()
})

test('sign-in leads on to the page that was asked for, and sign-out leads back', async () => {
  const page = await site.visit()
  await page.goto('/history')
  await signIn(page, password)
  await page.getByRole('heading', { name: 'History', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Account admin' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.goto('/farms')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
})

test('an address in ?next= that leads away is not followed', async () => {
  const page = await site.visit()
  await page.goto('/sign-in?next=//example.com/')
  await signIn(page, password)
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  expect(new URL(page.url()).origin).toBe(site.url)
})

test('the password can be changed in the user menu, and a wrong current one is said at its field', async () => {
  site.tolerate(/status of 4\d\d/)
  const page = await site.visit()
  await page.goto('/')
  await signIn(page, password)
  await page.getByRole('button', { name: 'Account admin' }).click()
  await page.getByRole('menuitem', { name: 'Change password' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change password' })
  await dialog.getByLabel('Current password').fill('not this one')
  await dialog.getByLabel('New password', { exact: true }).fill(`${password}, again`)
  await dialog.getByLabel('New password again').fill(`${password}, again`)
  await dialog.getByRole('button', { name: 'Change password' }).click()
  await expect.poll(() => dialog.getByLabel('Current password').getAttribute('aria-invalid')).toBe('true')
  await dialog.getByLabel('Current password').fill(password)
  await dialog.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('Your password was changed').first().waitFor()
  password = `${password}, again`
})

test('without an agent the console says so, on every page and among the faults', async () => {
  const page = await site.visit()
  await page.goto('/')
  await signIn(page, password)
  await page.getByRole('button', { name: 'Agent away' }).waitFor()
  await page.getByRole('region', { name: 'Faults' }).getByText('The agent does not answer').waitFor()
})

test('after too many wrong passwords it says how long to wait, and lets in after that', async () => {
  site.tolerate(/status of (401|429)/)
  const page = await site.visit()
  await page.goto('/sign-in')
  await signIn(page, 'wrong wrong wrong')
  await page.getByText('The name or the password is wrong.').waitFor()
  const locked = page.getByText('Too many wrong passwords')
  for (let attempt = 0; attempt < 12 && (await locked.count()) === 0; attempt++) {
    const answered = page.waitForResponse((response) => response.url().endsWith('/session') && response.request().method() === 'POST')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await answered
    await page.getByText('The name or the password is wrong.').or(locked).waitFor()
  }
  await locked.waitFor()
  await page.getByText('You can try again now.').waitFor()
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
})
