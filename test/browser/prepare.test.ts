import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { prepReplySchema, prepSystems } from '#lib/prep/prep.ts'
import { openConsole, type Site } from './console.ts'

let site: Site

beforeAll(async () => {
  site = await openConsole(['web1', 'web2'])
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], backends: [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.22' }] })
  await site.appliance.api.putFarm({ name: 'nat', mode: 'snat', vip: '203.0.113.101', ports: ['80'], backends: [{ name: 'web1', address: '203.0.113.21' }] })
})
afterEach(() => site.leave())
afterAll(() => site?.remove())

async function fetched(farm: string, backend: string, system: string): Promise<string> {
  const answer = await fetch(`${site.appliance.url}/api/v1/farms/${farm}/backends/${backend}/prep?system=${system}`, { headers: { authorization: `Bearer ${site.appliance.token}` } })
  expect(answer.status).toBe(200)
  return answer.text()
}

test('the script that is shown, copied and downloaded is the one that the API gives', async () => {
  const page = await site.enter({ permissions: ['clipboard-read', 'clipboard-write'], acceptDownloads: true })
  await page.goto('/farms/web')
  await page.getByRole('tab', { name: 'Prepare backends' }).click()
  await page.getByRole('list', { name: 'Backends to prepare' }).getByRole('button', { name: 'web2' }).click()
  const linux = await fetched('web', 'web2', 'linux')
  await page.getByText(createHash('sha256').update(linux).digest('hex')).waitFor()

  await page.getByRole('button', { name: 'Copy script' }).click()
  await page.getByRole('button', { name: 'Copied', exact: true }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(linux)

  const started = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download', exact: true }).click()
  const download = await started
  expect(download.suggestedFilename()).toMatch(/^tangent-backend-[0-9-]+\.sh$/)
  expect(await readFile(await download.path(), 'utf8')).toBe(linux)
})

test('copying works too where the browser has no clipboard API, as over plain HTTP', async () => {
  const page = await site.enter({ permissions: ['clipboard-read', 'clipboard-write'] })
  await page.addInitScript(() => Object.defineProperty(window, 'isSecureContext', { value: false }))
  await page.goto('/farms/web?tab=prepare')
  await page.getByRole('button', { name: 'Copy script' }).click()
  await page.getByRole('button', { name: 'Copied', exact: true }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await fetched('web', 'web1', 'linux'))
})

test('each system has its own script, with what it changes and how to apply, check and undo it', async () => {
  const page = await site.enter()
  await page.goto('/farms/web?tab=prepare')
  for (const system of prepSystems) {
    await page.getByLabel('System of web1').selectOption(system)
    const text = await fetched('web', 'web1', system)
    await page.getByText(createHash('sha256').update(text).digest('hex')).waitFor()
    const steps = page.getByRole('region', { name: 'web1', exact: true })
    const { note } = prepReplySchema.parse((await site.appliance.api.call('GET', `/farms/web/backends/web1/prep?system=${system}`, undefined, { accept: 'application/json' })).body)
    if (note) await steps.getByRole('listitem', { name: 'Get it' }).getByText(note).waitFor()
    const commands = { apply: steps.getByRole('listitem', { name: 'Run it' }), check: steps.getByRole('listitem', { name: 'Check it' }), undo: page.getByRole('region', { name: 'How to take it back' }) }
    for (const [, place] of Object.entries(commands)) expect(await place.locator('code').first().textContent()).toMatch(/tangent|ifconfig/)
    expect(await page.getByRole('region', { name: 'What it changes' }).getByRole('listitem').count()).toBeGreaterThan(0)
    const file = (await steps.getByText(/^tangent-[a-z-]+[0-9-]+(\.[a-z0-9]+)?$/).first().textContent()) ?? ''
    await page.getByText(`Read ${file}`).click()
    expect(await page.getByRole('region', { name: file }).textContent()).toContain('203.0.113.100')
  }
})

test('where nothing is to prepare it says why', async () => {
  const page = await site.enter()
  await site.appliance.api.putFarm({ name: 'only-nat', mode: 'snat', vip: '203.0.113.102', ports: ['80'], backends: [{ name: 'web9', address: '203.0.113.29' }] })
  await page.goto('/farms/only-nat?tab=prepare')
  await page.getByText('in mode snat every packet comes from the appliance').waitFor()
  expect(await page.getByRole('list', { name: 'Backends to prepare' }).count()).toBe(0)
  // The same machine serves a farm in mode dsr too, so it is prepared for that one.
  await page.goto('/farms/nat?tab=prepare')
  await page.getByText('203.0.113.21 · also in web, with one script for all').waitFor()
})

test('the rules tab shows the export for nftlb and what the kernel has', async () => {
  const page = await site.enter()
  await page.goto('/farms/web?tab=rules')
  const { farms, notes } = await site.appliance.api.exportedFarm('web')
  await expect.poll(async () => JSON.parse((await page.getByRole('region', { name: 'nftlb JSON' }).textContent()) ?? 'null') as unknown).toEqual({ farms })
  expect(await page.getByRole('list', { name: 'What nftlb does otherwise' }).getByRole('listitem').allTextContents()).toEqual(notes)
  await expect.poll(() => page.getByRole('region', { name: 'Kernel ruleset' }).textContent()).toContain('table netdev tangent')
})
