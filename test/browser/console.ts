import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { consoleEnvironment, prepareState } from '#scripts/run/console.mjs'
import { consoleUser, unprivileged } from '#scripts/run/console-user.mjs'
import { firstRun } from '#scripts/run/first-run.mjs'
import { root } from '#scripts/setup/project.mjs'
import { urlOf } from '#scripts/setup/settings.mjs'
import { administrator, freePort, startAppliance, type Appliance } from '#test/lab/appliance.ts'
import { setSysctls } from '#test/lab/command.ts'
import { createLab } from '#test/lab/lab.ts'
import { startProcess } from '#test/lab/process.ts'
import type { Topology } from '#test/lab/topology.ts'
import { until } from '#test/lab/until.ts'
import { openBrowser, type Visitors } from './browser.ts'

export type Site = Visitors & {
  appliance: Appliance
  topology: Topology
  /** A page of a new visitor who is signed in as the administrator. */
  enter: (options?: BrowserContextOptions) => Promise<Page>
  remove: () => Promise<void>
}

/** VIPs that the backends are prepared for. */
const vips = ['203.0.113.100', '203.0.113.101']

/** The built console with the real agent in a network namespace, backends beside it that answer on port 80 of their own address and the VIPs, and a browser. */
export async function openConsole(backends: readonly string[]): Promise<Site> {
  const { topology, remove: removeLab } = await createLab({ backends, ports: [80] })
  try {
    for (const machine of topology.backends) {
      await setSysctls(machine.namespace, { 'net/ipv4/conf/all/arp_ignore': '1', 'net/ipv4/conf/all/arp_announce': '2' })
      for (const vip of vips) await topology.run(machine, ['ip', 'addr', 'add', `${vip}/32`, 'dev', 'lo'])
    }
    const appliance = await startAppliance(topology)
    const visitors = await openBrowser(appliance.url)
    const enter: Site['enter'] = async (options) => {
      const page = await visitors.visit(options)
      const answer = await page.request.post('/api/v1/session', { data: administrator, headers: { origin: appliance.url } })
      if (!answer.ok()) throw new Error(`Sign-in was answered with ${answer.status()}: ${await answer.text()}`)
      return page
    }
    const remove = async (): Promise<void> => {
      await visitors.close()
      await appliance.stop()
      await removeLab()
    }
    return { ...visitors, appliance, topology, enter, remove }
  } catch (error) {
    await removeLab()
    throw error
  }
}

export type NewConsole = Visitors & { url: string; socket: string; oneTimePassword: string; remove: () => Promise<void> }

/** The built console right after its first start, without an agent. The administrator has this password, or still the one-time one. */
export async function openNewConsole(password = ''): Promise<NewConsole> {
  const folder = await mkdtemp(join(tmpdir(), 'tangent-browser-'))
  await chmod(folder, 0o711)
  const stateDir = join(folder, 'state')
  const settings = { host: '127.0.0.1', port: await freePort(), stateDir, socket: join(stateDir, 'agent.sock') }
  const url = urlOf(settings)
  await prepareState(settings)
  const env = { ...consoleEnvironment(settings), TANGENT_ADMIN_PASSWORD: password }
  const oneTimePassword = /password (\S+)/.exec(await firstRun(settings, env))?.[1] ?? ''
  const server = startProcess([...unprivileged(consoleUser(settings)), process.execPath, join(root, '.next/standalone/server.js')], env, join(folder, 'console.log'))
  const end = async (): Promise<void> => {
    await server.end('SIGTERM')
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await until('the console answers', async () => (await fetch(`${url}/healthz`)).ok, 60_000, 100)
    const visitors = await openBrowser(url)
    const remove = async (): Promise<void> => {
      await visitors.close()
      await end()
    }
    return { ...visitors, url, socket: settings.socket, oneTimePassword, remove }
  } catch (error) {
    await end()
    throw error
  }
}
