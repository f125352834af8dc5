import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { removeNamespaces } from '#scripts/run/namespaces.mjs'
import { requireFreePort } from '#scripts/run/console.mjs'
import { readSettings } from '#scripts/setup/settings.mjs'
import { say, step, Stop } from '#scripts/setup/say.mjs'
import { freePort, startAppliance, type Appliance } from '#test/lab/appliance.ts'
import { startAnswerer } from '#test/lab/answerer.ts'
import { startClient, type Client } from '#test/lab/client.ts'
import { prepareBackend, reportBackend } from '#test/lab/prepare.ts'
import { buildPrograms } from '#test/lab/program.ts'
import { createTopology, type Topology } from '#test/lab/topology.ts'
import { demoFolder } from './folder.mjs'

export const backendNames = ['web1', 'web2', 'web3']
export const vip = '203.0.113.100'

export type DemoSite = { topology: Topology; appliance: Appliance; client: Client; password: string; remove: () => Promise<void> }

/** Builds the whole network with the real appliance in it, and a farm whose backends were prepared by their scripts. */
export async function openDemo(): Promise<DemoSite> {
  const { folder, socket, prefixFile } = demoFolder()
  if (await answers(socket)) throw new Stop('A demo is running here already. Use it, or start another one with another TANGENT_STATE_DIR.')
  await forgetCrashed(prefixFile)
  // Within a run of the tests, the run's prefix comes first: it is what the run cleans up by.
  const prefix = `${process.env.TANGENT_LAB_PREFIX ?? ''}demo${process.pid}-`
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(prefixFile, prefix)
  const clean = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true })
    await rmdir(dirname(folder)).catch(() => undefined)
  }
  let topology: Topology | null = null
  try {
    const built: Topology = await step('network: client, router, appliance and three backends', () => createTopology({ prefix, backends: backendNames }))
    topology = built
    return await furnish(built, clean)
  } catch (error) {
    await topology?.remove()
    await clean()
    throw error
  }
}

async function furnish(topology: Topology, clean: () => Promise<void>): Promise<DemoSite> {
  const password = process.env.TANGENT_ADMIN_PASSWORD || randomBytes(9).toString('base64url')
  const programs = join(topology.folder, 'programs')
  await mkdir(programs)
  await buildPrograms(programs)
  await Promise.all(topology.backends.map((backend) => startAnswerer(programs, backend, [80])))
  const port = await choosePort()
  const appliance = await step('console and agent', () => startAppliance(topology, { password, port }))
  try {
    await step('farm "web" with three backends, prepared and checked by their own scripts', async () => {
      const backends = backendNames.map((name, index) => ({ name, address: `203.0.113.${21 + index}` }))
      await appliance.api.putFarm({ name: 'web', vip, ports: ['80'], backends })
      for (const backend of topology.backends) await prepareBackend(appliance, topology, 'web', backend)
      for (const backend of topology.backends) await reportBackend(appliance, topology, 'web', backend)
      await appliance.api.applied()
    })
  } catch (error) {
    await appliance.stop()
    throw error
  }
  const remove = async (): Promise<void> => {
    await appliance.stop()
    await topology.remove()
    await clean()
  }
  return { topology, appliance, client: startClient(programs, topology.client), password, remove }
}

/** The port that was asked for, or a free one when an appliance runs there already. */
async function choosePort(): Promise<number> {
  const settings = readSettings()
  try {
    await requireFreePort({ ...settings, host: '127.0.0.1' })
    return settings.port
  } catch (error) {
    if (process.env.TANGENT_PORT) throw error
    const port = await freePort()
    say(`  port ${settings.port} is taken, so the demo's console is on port ${port}`)
    return port
  }
}

/** A demo that was killed could not clean up; its prefix says what is its own. */
async function forgetCrashed(prefixFile: string): Promise<void> {
  const prefix = await readFile(prefixFile, 'utf8').catch(() => '')
  if (/^(tg\d+-)?demo\d+-$/.test(prefix)) removeNamespaces(prefix)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy()
      resolve(true)
    })
    probe.on('error', () => resolve(false))
  })
}
