import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Farm } from '#lib/domain/farm.ts'
import { total } from './client.ts'
import { command } from './command.ts'
import { vips, type Family } from './doctor-mistakes.ts'
import { openDoctorSite, type DoctorSite } from './doctor-site.ts'
import type { Machine } from './topology.ts'
import { until } from './until.ts'

const names = Array.from({ length: 10 }, (_, index) => `web${index + 1}`)
const families = Object.keys(vips) as Family[]

/** How long one farm with ten backends may take on a machine that others use as well, in ms. */
const fastEnoughMs = 10_000

let site: DoctorSite
let farms: Record<Family, Farm>

beforeAll(async () => {
  site = await openDoctorSite(names, [80])
  farms = { IPv4: site.farm({ name: 'four', vip: vips.IPv4 }), IPv6: site.farm({ name: 'six', vip: vips.IPv6 }) }
  for (const name of names) for (const vip of Object.values(vips)) await site.prepare(name, vip)
  await site.put(...Object.values(farms))
  await until('all are healthy', async () => (await site.agent.socket.status()).farms.every(({ backends }) => backends.every(({ active, health }) => active && health?.state === 'healthy')))
})
afterAll(() => site?.remove())

const everybody = (): Machine[] => [site.topology.router, site.topology.lb, ...site.topology.backends]
const urlOf = (family: Family): string => (family === 'IPv4' ? `http://${vips.IPv4}/` : `http://[${vips.IPv6}]/`)
const neighboursSchema = z.array(z.object({ dst: z.string(), lladdr: z.string().optional() }))

/** Who is at which MAC address, as every machine of the network knows it; how sure it is changes all the time. */
async function caches(): Promise<Map<string, string[]>> {
  const lists = everybody().map(async (machine) => {
    const list = neighboursSchema.parse(JSON.parse((await site.topology.run(machine, ['ip', '-j', 'neigh', 'show', 'dev', 'eth0'])) || '[]'))
    return [machine.name, list.flatMap(({ dst, lladdr }) => (lladdr === undefined ? [] : [`${dst} ${lladdr}`]))] as const
  })
  return new Map(await Promise.all(lists))
}

/**
 * What the machines believe after that they did not believe before. That a machine has met the own address of another one, where that
 * is, is no change: kernels forget and learn those by themselves, and all namespaces of a machine share the room for them (arp(7)).
 */
function changes(before: ReadonlyMap<string, readonly string[]>, after: ReadonlyMap<string, readonly string[]>): string[] {
  const right = new Set(everybody().flatMap(({ nic }) => nic.addresses.map((address) => `${address.replace(/\/.*/, '')} ${nic.mac}`)))
  const isOwn = (entry: string): boolean => right.has(entry) || entry.startsWith('fe80:')
  return [...after].flatMap(([name, entries]) => entries.filter((entry) => !before.get(name)?.includes(entry) && !isOwn(entry)).map((entry) => `${name}: ${entry}`))
}

test.each(families)('a client does not notice an examination, and no cache of the network changes (%s)', async (family) => {
  const url = urlOf(family)
  await until('every backend has answered', async () => {
    const { answered, failures } = await site.client.request({ url, count: 200 })
    expect(failures).toEqual([])
    return Object.keys(answered).length === names.length
  })
  const before = await caches()
  let [answered, examined] = [0, 0]
  while (answered < 1000) {
    await site.client.flow({ name: 'during', url, perSecond: 200 })
    const evidence = await site.examine(farms[family])
    const tally = await site.client.stop('during')
    expect(tally.failures).toEqual([])
    expect(Object.keys(tally.answered).sort()).toEqual([...names].sort())
    answered += total(tally)
    examined += 1
    expect(evidence).toMatchObject({ obstacles: [], heard: [] })
    expect(evidence.backends).toHaveLength(names.length)
    expect(evidence.tookMs).toBeLessThan(fastEnoughMs)
    expect(changes(before, await caches())).toEqual([])
    console.log(`${family}: the examination of ${names.length} backends took ${evidence.tookMs} ms`)
  }
  expect(before.get('router')).toContain(`${vips[family]} ${site.topology.lb.nic.mac}`)
  // The comparison sees what a leak would do to the network.
  await site.sh(site.topology.router, `ip neigh replace ${vips[family]} lladdr ${site.machine('web1').nic.mac} dev eth0 nud stale`)
  expect(changes(before, await caches())).toEqual([`router: ${vips[family]} ${site.machine('web1').nic.mac}`])
  console.log(`${family}: ${answered} requests during ${examined} examinations, all answered`)
})

/** What the agent and the programs that it waited for have used of a processor, in ms (proc(5): stat, in ticks of 10 ms). */
async function processorMs(): Promise<number> {
  for (const pid of (await command(['ip', 'netns', 'pids', site.topology.lb.namespace])).split('\n').filter(Boolean)) {
    const [line, stat] = await Promise.all(['cmdline', 'stat'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')))
    if (line?.includes('dist/agent.mjs')) return (stat ?? '').replace(/^.*\) /, '').split(' ').slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0)
  }
  throw new Error('There is no agent.')
}

test('many farms wait for their turn, and all are examined', async () => {
  const many = Array.from({ length: 24 }, (_, index) => site.farm({ name: `farm${index}`, vip: vips.IPv4, ports: [String(8000 + index)], monitor: null }, ['web1', 'web2']))
  await site.put(...many)
  const [begun, before] = [performance.now(), await processorMs()]
  const all = await Promise.all(many.map((farm) => site.examine(farm)))
  const ms = performance.now() - begun
  const used = ((await processorMs()) - before) / many.length
  expect(all.map(({ farm }) => farm)).toEqual(many.map(({ name }) => name))
  expect(all.every(({ trouble, backends }) => trouble === null && backends.length === 2)).toBe(true)
  // More than a few at once would end sooner than one after the other by groups.
  expect(ms).toBeGreaterThan(Math.min(...all.map(({ tookMs }) => tookMs)) * (many.length / 4 - 1))
  console.log(`${many.length} farms at once took ${Math.round(ms)} ms; each cost the agent and its programs ${Math.round(used)} ms of a processor`)
  expect(used).toBeLessThan(500)
})
