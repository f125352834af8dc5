import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { total } from './client.ts'
import { command } from './command.ts'
import { createFarm, openConsole, type ConsoleWindow } from './console-window.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { allHealthy } from './health-site.ts'
import { countersOf } from './nic.ts'
import { prepareBackend } from './prepare.ts'
import { atPrompt } from './prompt.ts'
import { publishConsole, type PublishedConsole } from './published-console.ts'

const names = ['web1', 'web2', 'web3']
const url = 'http://203.0.113.100/'

let site: Site
let published: PublishedConsole
let operator: ConsoleWindow
/** Where the zip was unpacked. */
let kit: string

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80] })
  published = await publishConsole(site.appliance, site.topology)
  operator = await openConsole(published, published.browser)
  kit = join(site.topology.folder, 'kit')
})
afterAll(async () => {
  await operator?.close()
  await published?.close()
  await site?.remove()
})

/** Chooses a backend in the guide and answers its part of the page. */
async function choose(name: string): Promise<Locator> {
  await operator.page.getByRole('list', { name: 'Backends to prepare' }).getByRole('button', { name }).click()
  return operator.page.getByRole('region', { name, exact: true })
}

/** The command that a step of the guide shows. */
async function shown(pane: Locator, step: 'Run it' | 'Check it'): Promise<string> {
  return (await pane.getByRole('listitem', { name: step, exact: true }).locator('code').textContent()) ?? ''
}

/** Types what the guide shows at the backend's prompt, in the folder with its script. */
async function type(name: string, line: string): Promise<string> {
  return atPrompt(site.topology, site.machine(name), join(kit, name), line)
}

/** Runs the check that the guide shows and pastes all that stands at the prompt then. */
async function checkByPaste(name: string): Promise<Locator> {
  const pane = await choose(name)
  await pane.getByLabel('Output of the check').fill(await type(name, await shown(pane, 'Check it')))
  await pane.getByRole('button', { name: 'Read the output' }).click()
  return pane
}

/** The lines of the failed checks, once there are some. */
async function failedLines(pane: Locator): Promise<string[]> {
  const failed = pane.getByRole('list', { name: 'Failed checks' }).getByRole('listitem')
  await failed.first().waitFor()
  return failed.allTextContents()
}

/** What the page says of a backend that is right. Where it cannot be seen that this is a namespace of its own, it misses what would run at boot. */
const allRight = /^(Everything that must be right is right|Nothing failed, but there are open points)\.$/
const open = /reboot|network namespace/

test('a farm made in the console leads to its backends, whose systems are chosen and whose scripts come in one file', async () => {
  const { page } = operator
  await createFarm(operator, published, { name: 'web', vip: '203.0.113.100', ports: '80', backends: backendsOf(names) })
  await page.getByRole('heading', { level: 1, name: 'Prepare the backends of web' }).waitFor()
  await (await choose('web2')).getByLabel('System of web2').selectOption({ label: 'Linux without VIP (REDIRECT)' })
  await (await choose('web3')).getByLabel('System of web3').selectOption({ label: 'Windows PowerShell' })
  await page.getByRole('list', { name: 'Backends to prepare' }).getByRole('button', { name: 'web3' }).getByText('Windows PowerShell').waitFor()

  const started = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download all scripts' }).click()
  const files = unzipSync(await readFile(await (await started).path()))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(kit, name)), { recursive: true })
    await writeFile(join(kit, name), content)
  }
  expect(Object.keys(files).sort()).toEqual(['README.txt', 'SHA256SUMS', expect.stringMatching(/^web1\/.*\.sh$/), expect.stringMatching(/^web2\/.*redirect.*\.sh$/), expect.stringMatching(/^web3\/.*\.ps1$/)])
  expect(await command(['sh', '-c', 'cd "$1" && sha256sum -c SHA256SUMS', 'sh', kit])).toMatch(/^(\S+: OK\n){3}$/)
})

test('the scripts for Linux are run as the page says, and with what their check prints the page is green', async () => {
  for (const name of ['web1', 'web2']) {
    const pane = await choose(name)
    expect(await type(name, await shown(pane, 'Run it'))).toMatch(/\n\[0\]\n$/)
    await checkByPaste(name)
    await pane.getByText(allRight).waitFor()
    expect(await pane.getByRole('list', { name: 'Failed checks' }).count()).toBe(0)
    expect((await pane.getByRole('list', { name: 'Notes' }).getByRole('listitem').allTextContents()).filter((note) => !open.test(note))).toEqual([])
  }
})

test('the third fetches its script by a link and reports by itself, and the farm is done', async () => {
  const pane = await choose('web3')
  await pane.getByLabel('System of web3').selectOption({ label: 'Linux' })
  await pane.getByRole('radio', { name: 'With a link' }).check()
  await pane.getByRole('button', { name: 'Make a link' }).click()
  await pane.getByText('Waiting for the check of web3.').waitFor()
  expect(await type('web3', await shown(pane, 'Run it'))).toMatch(/\n\[0\]\n$/)
  await pane.getByText(allRight).waitFor()
  await pane.getByText('from the script itself, by its link').waitFor()
  await operator.page.getByText(/^(All 3 backends are verified: done|0 backends are verified\. With open points: web1, web2, web3)\.$/).waitFor()
  await operator.page.getByRole('link', { name: 'Go to farm web' }).last().click()
  await operator.page.getByRole('tab', { name: /Prepare backends.*All 3 backends (are verified|have open points)/ }).waitFor()
})

test('every backend is found healthy and every request is served, by all three', async () => {
  await site.appliance.api.applied()
  await allHealthy(site, 'web')
  const tally = await site.client.request({ url, count: 200 })
  expect(tally.failures).toEqual([])
  expect(total(tally)).toBe(200)
  expect(Object.keys(tally.answered).sort()).toEqual(names)
})

test('replies do not cross the appliance: it passes on the packets of clients and nothing of the answers', async () => {
  const { client, topology } = site
  const before = await countersOf(topology.lb.namespace, topology.lb.nic)
  const web = await Promise.all(topology.backends.map((one) => countersOf(one.namespace, one.nic)))
  expect((await client.request({ url, count: 200 })).failures).toEqual([])
  const after = await countersOf(topology.lb.namespace, topology.lb.nic)
  const webAfter = await Promise.all(topology.backends.map((one) => countersOf(one.namespace, one.nic)))
  const toBackends = webAfter.reduce((sum, one, index) => sum + one.rxPackets - (web[index]?.rxPackets ?? 0), 0)
  const fromBackends = webAfter.reduce((sum, one, index) => sum + one.txPackets - (web[index]?.txPackets ?? 0), 0)
  const received = after.rxPackets - before.rxPackets
  const sent = after.txPackets - before.txPackets
  // Besides the clients' packets there are only a few of ARP.
  expect(Math.abs(received - sent)).toBeLessThan(30)
  expect(Math.abs(sent - toBackends)).toBeLessThan(30)
  expect(fromBackends).toBeGreaterThan(200)
})

test('of a large download less than 5 % of the bytes move through the appliance', async () => {
  const { client, topology } = site
  const before = await countersOf(topology.lb.namespace, topology.lb.nic)
  const { bytes } = await client.download(`${url}bytes/50000000`)
  const after = await countersOf(topology.lb.namespace, topology.lb.nic)
  expect(bytes).toBe(50_000_000)
  expect(after.rxBytes + after.txBytes - before.rxBytes - before.txBytes).toBeLessThan(bytes * 0.05)
})

test('a backend that answers ARP for the VIP is red in that line alone, and green again after its script', async () => {
  await operator.page.goto(`${published.url}/farms/web/prepare`)
  await type('web1', 'echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore')
  const pane = await checkByPaste('web1')
  expect(await failedLines(pane)).toEqual([expect.stringMatching(/^Failed: arp_ignore is 0 in effect on eth0.*What to do: /)])
  expect(await type('web1', await shown(pane, 'Run it'))).toMatch(/\n\[0\]\n$/)
  await checkByPaste('web1')
  await pane.getByText(allRight).waitFor()
})

test('a backend that lost the VIP is red in that line, as its own report says', async () => {
  const pane = await choose('web3')
  await pane.getByRole('radio', { name: 'With a link' }).check()
  await pane.getByRole('button', { name: 'Make a link' }).click()
  await pane.getByRole('listitem', { name: 'Check it', exact: true }).locator('code').waitFor()
  await type('web3', 'ip addr del 203.0.113.100/32 dev lo')
  expect(await type('web3', await shown(pane, 'Check it'))).toMatch(/\n\[1\]\n$/)
  expect(await failedLines(pane)).toEqual(expect.arrayContaining([expect.stringMatching(/^Failed: 203\.0\.113\.100 is not on lo.*What to do: /)]))
  await operator.page.goto(`${published.url}/farms/web`)
  await operator.page.getByRole('link', { name: 'web3 failed its check' }).waitFor()
})

test('an undone backend is as it was before: no VIP, and the old ARP settings', async () => {
  const { appliance, topology } = site
  const web1 = site.machine('web1')
  await prepareBackend(appliance, topology, 'web', web1, '--undo')
  expect(await topology.run(web1, ['ip', '-o', 'addr', 'show', 'dev', 'lo'])).not.toContain('203.0.113.100')
  expect((await topology.run(web1, ['cat', '/proc/sys/net/ipv4/conf/all/arp_ignore'])).trim()).toBe('0')
})
