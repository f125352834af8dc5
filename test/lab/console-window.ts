import { chromium, type Browser, type Page } from 'playwright-core'
import { administrator, type Appliance } from './appliance.ts'

export type ConsoleWindow = { page: Page; close: () => Promise<void> }

export type FarmForm = { name: string; vip: string; ports: string; persistence?: readonly string[]; backends: ReadonlyArray<{ name: string; address: string }> }

/** Where the console is, as the browser reaches it. */
type Place = Pick<Appliance, 'url'>

/** Opens the console in Debian's Chromium, or in the one that is started by `program`, and signs in as the administrator. */
export async function openConsole({ url }: Place, program = '/usr/bin/chromium'): Promise<ConsoleWindow> {
  const browser: Browser = await chromium.launch({ executablePath: program })
  const page = await browser.newPage()
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('Name').fill(administrator.name)
  await page.getByLabel('Password').fill(administrator.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  return { page, close: () => browser.close() }
}

/** Fills in the form of a new farm as a person does, and saves it. */
export async function createFarm({ page }: ConsoleWindow, { url }: Place, farm: FarmForm): Promise<void> {
  await page.goto(`${url}/farms/new`)
  const form = page.getByRole('form', { name: 'New farm' })
  await form.getByLabel('Name', { exact: true }).fill(farm.name)
  await form.getByLabel('VIP', { exact: true }).fill(farm.vip)
  await form.getByLabel('Ports', { exact: true }).fill(farm.ports)
  if (farm.persistence) await form.getByLabel('Scheduler').selectOption('symhash')
  for (const input of farm.persistence ?? []) await form.getByRole('group', { name: 'Persistence' }).getByLabel(input).check()
  const rows = form.getByRole('list', { name: 'Backends' }).getByRole('listitem')
  for (const [index, backend] of farm.backends.entries()) {
    if ((await rows.count()) <= index) await form.getByRole('button', { name: 'Add backend' }).click()
    await rows.nth(index).getByLabel(/^Name /).fill(backend.name)
    await rows.nth(index).getByLabel(/^Address /).fill(backend.address)
  }
  await form.getByRole('button', { name: 'Create farm' }).click()
  await page.waitForURL(({ pathname }) => pathname.startsWith(`/farms/${farm.name}`))
}

type Action = 'Enable' | 'Drain' | 'Disable'

/** Presses Enable, Drain or Disable of a backend on its farm's page. */
export async function press({ page }: ConsoleWindow, { url }: Place, farm: string, action: Action, backend: string): Promise<void> {
  if (page.url() !== `${url}/farms/${farm}`) await page.goto(`${url}/farms/${farm}`)
  await page.getByRole('button', { name: `${action} ${backend}` }).click()
}

/** Confirms the plan that the console shows before it touches live connections. */
export async function confirm({ page }: ConsoleWindow, action: Action, backend: string): Promise<void> {
  const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'))
  await dialog.getByRole('button', { name: `${action} ${backend}` }).click()
  await dialog.waitFor({ state: 'hidden' })
}
