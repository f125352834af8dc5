import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { setSysctls } from '#test/lab/command.ts'
import { violations } from './browser.ts'
import { openConsole, type Site } from './console.ts'

let site: Site

/** What a run with the real agent may take. */
const timeout = 60_000

beforeAll(async () => {
  site = await openConsole(['web1', 'web2'])
  const backends = [
    { name: 'web1', address: '203.0.113.21' },
    { name: 'web2', address: '203.0.113.22' },
    { name: 'web3', address: '203.0.113.99' },
  ]
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], backends })
  await site.appliance.api.applied()
})
afterEach(() => site.leave())
afterAll(() => site?.remove())

/** Whether web2 answers questions for the MAC address of its VIPs, as a machine does that was not prepared. */
async function setLeak(on: boolean): Promise<void> {
  const web2 = site.topology.backends.find(({ name }) => name === 'web2')
  if (!web2) throw new Error('There is no web2.')
  await setSysctls(web2.namespace, { 'net/ipv4/conf/all/arp_ignore': on ? '0' : '1' })
}

test('mistakes of real backends are seen on the wire and explained, and one that was mended is gone with the next look', async () => {
  await setLeak(true)
  const page = await site.enter()
  await page.goto('/farms/web?tab=doctor')
  await page.getByRole('button', { name: 'Examine web', exact: true }).click()
  await page.getByRole('heading', { name: '1 of 3 backends without a finding; 2 findings' }).waitFor({ timeout })
  const findings = page.getByRole('list', { name: 'Findings' })
  await findings.getByText('Critical: It answers for the VIP · web2').waitFor()
  await findings.getByText('Critical: It does not answer on the network · web3').waitFor()
  expect(await violations(page)).toEqual([])
  const grid = page.getByRole('grid', { name: 'Checks of web' })
  for (const fine of ['On the network', 'Same subnet', 'Service at RIP', 'Service at VIP', 'Silent for VIP']) await grid.getByRole('button', { name: `web1, ${fine}: Fine` }).waitFor()
  await grid.getByRole('button', { name: 'web2, Silent for VIP: Failed' }).click()
  await setLeak(false)
  await page.getByRole('dialog').getByRole('button', { name: 'Examine web2' }).click()
  await page.getByRole('heading', { name: '2 of 3 backends without a finding; 1 finding' }).waitFor({ timeout })
  await grid.getByRole('button', { name: 'web2, Silent for VIP: Fine' }).waitFor()
})

test('a run that the end of the console cut short is told to be so, and can be begun again', async () => {
  site.tolerate(/net::ERR_/)
  const page = await site.enter()
  await page.goto('/doctor')
  const begun = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/doctor-runs'))
  await page.getByRole('button', { name: 'Examine everything' }).click()
  expect((await begun).status()).toBe(202)
  await site.appliance.console().end('SIGKILL')
  await site.appliance.startConsole()
  await page.getByRole('row', { name: /Interrupted after 0 of 1 farm\. No backend was examined Everything/ }).waitFor({ timeout })
  await page.getByRole('link', { name: /^Run \d+$/ }).first().click()
  await page.getByText('The console ended after 0 of 1 farm.').waitFor()
  await page.getByRole('button', { name: 'Examine again' }).click()
  await page.getByRole('link', { name: /^See run \d+$/ }).click()
  await page.getByText('2 of 3 backends without a finding; 1 finding.').last().waitFor({ timeout })
})
