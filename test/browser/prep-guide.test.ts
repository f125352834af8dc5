import { readFile } from 'node:fs/promises'
import { unzipSync } from 'fflate'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { reportLimit, type PrepReport } from '#lib/prep/report.ts'
import { prepStateSchema, prepStatesSchema, type PrepState } from '#lib/prep/state.ts'
import { printed, report } from '#test/unit/prep/sample-report.ts'
import { openConsole, type Site } from './console.ts'

let site: Site
const farm = { name: 'web', vip: '203.0.113.100', ports: ['80'], backends: [{ name: '', address: '' }] }
let host = 110

beforeAll(async () => {
  site = await openConsole([])
})
beforeEach(async () => {
  // What is known of a machine stays with its address for a while, so that every test has machines of its own.
  farm.backends = ['web1', 'web2', 'web3'].map((name) => ({ name, address: `203.0.113.${(host += 1)}` }))
  await site.appliance.api.putFarm(farm)
})
afterEach(() => site.leave())
afterAll(() => site?.remove())

/** What the check of a backend says of the farm as it is above. */
function checkOf(backend: string, different: Partial<PrepReport> = {}): PrepReport {
  const address = farm.backends.find(({ name }) => name === backend)?.address ?? ''
  return report({ backend: address, vips: [farm.vip], services: [`${farm.vip}/tcp/80`], ...different })
}

const failing: PrepReport['items'] = [
  { code: 'vip-on-lo', subject: farm.vip, verdict: 'ok', found: '' },
  { code: 'persistence', subject: '', verdict: 'warn', found: 'no unit' },
  { code: 'arp-ignore', subject: 'eth0', verdict: 'fail', found: '0' },
]

async function handIn(check: PrepReport, backend: string): Promise<void> {
  expect((await site.appliance.api.call('POST', `/farms/web/backends/${backend}/prep/report`, check)).status).toBe(200)
}

async function states(): Promise<PrepState[]> {
  return prepStatesSchema.parse((await site.appliance.api.call('GET', '/farms/web/prep', undefined, { accept: 'application/json' })).body).items
}

const list = (page: Page) => page.getByRole('list', { name: 'Backends to prepare' })
const paste = (page: Page, text: string) => page.getByLabel('Output of the check').fill(text)
const read = (page: Page) => page.getByRole('button', { name: 'Read the output' }).click()

test('each backend is verified by what its check printed, one after the other, until all are', async () => {
  const page = await site.enter()
  await page.goto('/farms/web/prepare')
  await list(page).waitFor()
  expect(await list(page).getByRole('button').allTextContents()).toEqual(farm.backends.map(({ name, address }) => `${name}${address}Never checkedLinux`))
  for (const { name } of farm.backends) {
    await page.getByRole('region', { name, exact: true }).waitFor()
    await paste(page, `root@${name}:~# sh tangent-backend.sh --check --json\n${printed(checkOf(name))}root@${name}:~# `)
    await read(page)
    await page.getByRole('status').filter({ hasText: `${name}: Everything that must be right is right.` }).waitFor({ state: 'attached' })
    await page.getByText(/Received just now from admin/).waitFor()
    await list(page).getByRole('button', { name: `${name} ` }).getByText('Verified just now').waitFor()
    expect(await page.getByLabel('Output of the check').inputValue()).toBe('')
    if (name !== 'web3') await page.getByRole('button', { name: /^Next: web/ }).click()
  }
  await page.getByText('All 3 backends are verified: done.').waitFor()
  expect((await states()).map(({ status }) => status)).toEqual(['verified', 'verified', 'verified'])
  await page.getByRole('link', { name: 'Go to farm web' }).last().click()
  await page.getByRole('row', { name: /web1/ }).waitFor()
})

test('a failed check shows what failed first and what to do; the page of the farm leads there', async () => {
  await handIn(checkOf('web2', { items: failing }), 'web2')
  const page = await site.enter()
  await page.goto('/farms/web')
  await page.getByRole('tab', { name: /Prepare backends.*web2 failed its check/ }).waitFor()
  await page.getByRole('link', { name: 'web2 failed its check' }).click()
  const pane = page.getByRole('region', { name: 'web2', exact: true })
  await pane.getByText('1 of 3 checks failed.', { exact: true }).waitFor()
  expect(await pane.getByRole('list', { name: 'Failed checks' }).getByRole('listitem').allTextContents()).toEqual([expect.stringMatching(/^Failed: .*eth0.*What to do: /)])
  expect(await pane.getByRole('list', { name: 'Notes' }).getByRole('listitem').allTextContents()).toEqual([expect.stringMatching(/^Note: .*What to do: /)])
  expect(await pane.getByRole('list', { name: 'Passed checks' }).isVisible()).toBe(false)
  await pane.getByText('1 check passed').click()
  await pane.getByRole('list', { name: 'Passed checks' }).getByText('203.0.113.100').waitFor()
})

test('what is no report of this backend stays in the field, with the reason at it', async () => {
  site.tolerate(/status of (422|413)/)
  const page = await site.enter()
  await page.goto('/farms/web/prepare?backend=web1')
  const field = page.getByLabel('Output of the check')
  const reason = () => field.evaluate((element) => (element.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' '))
  await read(page)
  await expect.poll(reason).toContain('Nothing is pasted yet.')
  const whole = printed(checkOf('web1'))
  for (const [pasted, words] of [
    ['ok    203.0.113.100 is on lo', 'This is the check in words for people'],
    [whole.slice(0, whole.length / 2), 'A part of the report is missing.'],
    ['{"name":"web1","items":[{}]}', 'There is no report in this text.'],
    ['{"format":"tangent-backend-check","version":2}', 'This is no report of a check.'],
    ['x'.repeat(reportLimit + 1), String(reportLimit)],
    [printed(checkOf('web2')), `This report is of ${farm.backends[1]?.address}, and this backend is ${farm.backends[0]?.address}.`],
  ] as const) {
    await paste(page, pasted)
    await read(page)
    await expect.poll(reason).toContain(words)
    expect(await field.inputValue()).toBe(pasted)
    expect(await field.getAttribute('aria-invalid')).toBe('true')
  }
  await paste(page, whole)
  expect(await field.getAttribute('aria-invalid')).toBeNull()
  await read(page)
  await page.getByText('Everything that must be right is right.', { exact: true }).waitFor()
})

test('a system is remembered for its machine, for one backend or for all', async () => {
  const page = await site.enter()
  await page.goto('/farms/web/prepare?backend=web2')
  await page.getByLabel('System of web2').selectOption({ label: 'Windows PowerShell' })
  await list(page).getByRole('button', { name: 'web2' }).getByText('Windows PowerShell').waitFor()
  await expect.poll(async () => (await states()).map(({ system }) => system)).toEqual(['linux', 'windows-powershell', 'linux'])
  await page.reload()
  await expect.poll(() => page.getByLabel('System of web2').inputValue()).toBe('windows-powershell')
  await page.getByRole('button', { name: 'Use for all backends' }).click()
  await expect.poll(async () => (await states()).map(({ system }) => system)).toEqual(['windows-powershell', 'windows-powershell', 'windows-powershell'])
  for (const { name } of farm.backends) await list(page).getByRole('button', { name }).getByText('Windows PowerShell').waitFor()
})

test('a farm that gets a VIP says that the preparation must run again, with a way there', async () => {
  await handIn(checkOf('web1'), 'web1')
  const page = await site.enter()
  await page.goto('/farms/web/edit')
  await page.getByRole('button', { name: 'Add VIP' }).click()
  await page.getByLabel('VIP 2', { exact: true }).fill('203.0.113.101')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.getByText('Run the preparation again on its backends: VIP 203.0.113.101 was added.').first().waitFor()
  await page.getByRole('tab', { name: /Prepare backends.*web1 must run its script again/ }).waitFor()
  await page.getByRole('link', { name: 'Prepare backends' }).click()
  await list(page).getByRole('button', { name: 'web1' }).getByText('Run again: VIP 203.0.113.101 was added').waitFor()
  await page.getByText('Run the script again, then check: it changed since the last check.').first().waitFor()
  await page.getByRole('listitem', { name: 'Check it' }).getByText('VIP 203.0.113.101 was added.').waitFor()
})

test('a link hands out the script and takes its report, which appears by itself', async () => {
  const page = await site.enter()
  await page.goto('/farms/web/prepare?backend=web1')
  await page.getByRole('radio', { name: 'With a link' }).check()
  await page.getByText('Whoever has the link gets the script of web1 and can hand in its check').waitFor()
  await page.getByRole('button', { name: 'Make a link' }).click()
  await page.getByText(/It ends at \d+:\d+\. A new one ends it at once\./).waitFor()
  const step = page.getByRole('listitem', { name: 'Run it' })
  const url = /curl -fsS -o ~\/tangent-backend\.sh '([^']+)' && sudo sh ~\/tangent-backend\.sh --apply --report '\1'/.exec((await step.locator('code').textContent()) ?? '')?.[1] ?? ''
  expect(url).toMatch(new RegExp(`^${site.appliance.url}/api/v1/prep-links/`))

  // The command has the address at which backends reach the console.
  await page.getByLabel('Address of the console, as backends reach it').fill('https://console.example:8443/')
  await expect.poll(() => step.locator('code').textContent()).toContain(url.replace(site.appliance.url, 'https://console.example:8443'))
  await page.getByLabel('Address of the console, as backends reach it').fill('console')
  await page.getByText('This is no address of a console.').waitFor()

  expect(await (await fetch(url)).text()).toContain(farm.backends[0]?.address)
  await page.getByText('Waiting for the check of web1.').waitFor()
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(checkOf('web1')) })
  expect(answer.status).toBe(200)
  await page.getByText(/from the script itself, by its link/).waitFor()
  await page.getByText('Everything that must be right is right.', { exact: true }).waitFor()

  // It is still there after a look elsewhere in the console; its secret cannot be asked for again.
  await page.getByRole('link', { name: 'Go to farm web' }).first().click()
  await page.getByRole('tab', { name: 'Prepare backends' }).click()
  await list(page).getByRole('button', { name: 'web1' }).click()
  await page.getByRole('radio', { name: 'With a link' }).check()
  await page.getByRole('button', { name: 'Make a new link' }).waitFor()
})

test('the zip has the script of every backend, each with its own system', async () => {
  await site.appliance.api.call('PUT', '/farms/web/backends/web2/prep/system', { system: 'windows-powershell' })
  const page = await site.enter({ acceptDownloads: true })
  await page.goto('/farms/web/prepare')
  const started = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download all scripts' }).click()
  const download = await started
  expect(download.suggestedFilename()).toBe('tangent-web.zip')
  const files = unzipSync(await readFile(await download.path()))
  const scripts = Object.keys(files).filter((name) => name.includes('/'))
  expect(scripts.sort()).toEqual([expect.stringMatching(/^web1\/.*\.sh$/), expect.stringMatching(/^web2\/.*\.ps1$/), expect.stringMatching(/^web3\/.*\.sh$/)])
  const script = await site.appliance.api.call('GET', '/farms/web/backends/web1/prep?system=linux', undefined, { accept: 'application/json' })
  expect(Buffer.from(files[scripts[0] ?? ''] ?? []).toString()).toBe((script.body as { text: string }).text)
})

test('nothing moves when the states are fetched again', async () => {
  await handIn(checkOf('web1', { items: failing }), 'web1')
  const page = await site.enter()
  await page.goto('/farms/web/prepare?backend=web1')
  await page.getByText('1 of 3 checks failed.', { exact: true }).waitFor()
  await page.getByText('SHA-256').waitFor()
  const places = () => page.evaluate(() => [...document.querySelectorAll('main h2, main h3, main li, main button, main a')].map((element) => `${element.textContent} ${JSON.stringify(element.getBoundingClientRect())}`))
  const before = await places()
  for (let fetched = 0; fetched < 2; fetched++) {
    const answer = await page.waitForResponse(/\/backends\/web1\/prep\/state$/)
    expect(prepStateSchema.parse(await answer.json()).status).toBe('failed')
  }
  expect(await places()).toEqual(before)
})

test('the whole way is gone with the keyboard alone', async () => {
  const page = await site.enter()
  await page.goto('/farms/web/prepare?backend=web1')
  await page.getByText('SHA-256').waitFor()
  const tabTo = async (label: string): Promise<void> => {
    const focused = () => page.evaluate(() => {
      const element = document.activeElement
      return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement ? (element.labels?.[0]?.textContent ?? '') : (element?.textContent ?? '')
    })
    for (let press = 0; press < 60; press++) {
      if ((await focused()).startsWith(label)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`The Tab key does not lead to ${label}; it is at ${await focused()}`)
  }
  await tabTo('web2')
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'web2', exact: true }).waitFor()
  await tabTo('Output of the check')
  await page.keyboard.insertText(printed(checkOf('web2')))
  await tabTo('Read the output')
  await page.keyboard.press('Enter')
  await page.getByText('Everything that must be right is right.', { exact: true }).waitFor()
  await tabTo('Next: web3')
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'web3', exact: true }).waitFor()
  await tabTo('System of web3')
})

test('only the page of a farm asks how far its backends are', async () => {
  const page = await site.enter()
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  for (const path of ['/', '/farms']) {
    await page.goto(path)
    await page.getByRole('link', { name: 'web', exact: true }).first().waitFor()
  }
  expect(asked.filter((path) => path.endsWith('/prep'))).toEqual([])
  await page.goto('/farms/web')
  await page.getByText('None of the 3 backends was checked yet').first().waitFor()
  expect(new Set(asked.filter((path) => path.endsWith('/prep')))).toEqual(new Set(['/api/v1/farms/web/prep']))
})

test('the guide of a farm that is not there says so', async () => {
  site.tolerate(/status of 404/)
  const page = await site.enter()
  await page.goto('/farms/none/prepare')
  await page.getByRole('heading', { name: 'There is no such farm' }).waitFor()
})
