import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { ProbeTarget } from '#agent/probe/target.ts'
import { replaceNic } from './nic.ts'
import { createProbeSite, type ProbeSite } from './probe-site.ts'
import { countArrivals, countDepartures } from './seen.ts'
import type { Machine } from './topology.ts'
import { until } from './until.ts'

const vips = ['203.0.113.100', '2001:db8:113::100']
const names = ['web1', 'web2']
let site: ProbeSite
beforeAll(async () => {
  site = await createProbeSite([...names, 'other'], vips)
  for (const name of names) await site.prepare(name, vips)
})
afterAll(() => site.remove())

const on = (machine: Machine, ...argv: string[]): Promise<string> => site.topology.run(machine, argv)
const family = (vip: string): 'ip' | 'ip6' => (vip.includes(':') ? 'ip6' : 'ip')

/** Every VIP through both backends and both own addresses, this many times over. */
function everything(times: number, interval = 0.5): ProbeTarget[] {
  const once = names.flatMap((name) => vips.flatMap((vip) => [{ ...site.through(name, vip, { type: 'http', interval, timeout: interval }) }, { ...site.own(name, vip, { type: 'http', interval, timeout: interval }), id: `${name}/rip ${vip}` }]))
  return Array.from({ length: times }, (_, round) => once.map((target) => ({ ...target, id: `${target.id} ${round}` }))).flat()
}

const failures = (targets: readonly ProbeTarget[]): string[] => targets.flatMap(({ id }) => site.prober.heard(id).flatMap(({ reason, detail }) => (reason === null ? [] : [`${id}: ${detail}`])))

const neighbourSchema = z.array(z.object({ dst: z.string(), lladdr: z.string().optional() }))

/** Who is where, as each machine of the LAN believes it. */
async function caches(): Promise<Record<string, string[]>> {
  const { topology } = site
  const machines = [topology.client, topology.router, ...topology.backends]
  const lists = await Promise.all(machines.map(async (machine) => neighbourSchema.parse(JSON.parse((await on(machine, 'ip', '-j', 'neigh', 'show')) || '[]'))))
  const known = (list: z.output<typeof neighbourSchema>): string[] => list.filter(({ dst, lladdr }) => lladdr !== undefined && !dst.startsWith('fe80:')).map(({ dst, lladdr }) => `${dst} ${lladdr}`).sort()
  return Object.fromEntries(machines.map(({ name }, index) => [name, known(lists[index] ?? [])]))
}

test('probes leave with the address and the MAC of the appliance, and no machine learns anything from them', async () => {
  const { topology, prober } = site
  // What the machines know of each other without probes: the appliance asks its backends, and clients come through the router.
  for (const name of names) for (const vip of vips) await prober.once(site.own(name, vip, { type: 'tcp' }))
  await site.client.request({ url: 'http://203.0.113.21/', count: 1 })
  await site.client.request({ url: 'http://[2001:db8:113::22]/', count: 1 })
  const before = await caches()
  const left = await countDepartures(topology.lb)
  const seen = await countArrivals(site.machine('web1'), Object.fromEntries(vips.map((vip) => [`${family(vip)}own`, `${family(vip)} daddr ${vip} ${family(vip)} saddr ${vip.includes(':') ? '2001:db8:113::2' : '203.0.113.2'}`]).concat(vips.map((vip) => [`${family(vip)}all`, `${family(vip)} daddr ${vip}`]))), topology.lb)

  const targets = everything(5)
  prober.watch('farm', targets)
  await Promise.all(targets.map(({ id }) => prober.results(id, 3)))
  prober.watch('farm', [])
  expect(failures(targets)).toEqual([])
  expect(await caches()).toEqual(before)
  expect(Object.keys(await left())).toEqual([topology.lb.nic.mac])
  const { ipown, ipall, ip6own, ip6all } = await seen()
  expect(ipall?.packets).toBeGreaterThan(50)
  expect(ip6all?.packets).toBeGreaterThan(50)
  expect([ipown, ip6own]).toEqual([ipall, ip6all])
})

test('a thousand requests of clients all succeed while the farm that serves them is probed hundreds of times a second', async () => {
  const { topology, prober, client } = site
  const macs = names.map((name, index) => `${index} : ${site.machine(name).nic.mac}`).join(', ')
  const rules = vips.map((vip) => `${family(vip)} daddr ${vip} tcp dport 80 ether saddr set ${topology.lb.nic.mac} ether daddr set jhash ${family(vip)} saddr . tcp sport mod 2 seed 1 map { ${macs} } fwd to "eth0"`)
  await on(topology.lb, 'nft', `add table netdev farm; add chain netdev farm in { type filter hook ingress device "eth0" priority 0; }; ${rules.map((rule) => `add rule netdev farm in ${rule}`).join('; ')}`)
  const targets = everything(30, 1)
  prober.watch('farm', targets)
  await Promise.all(targets.map(({ id }) => prober.results(id, 1)))
  for (const url of ['http://203.0.113.100/', 'http://[2001:db8:113::100]/']) {
    const tally = await client.request({ url, count: 1000, concurrency: 20 })
    expect(tally.failures).toEqual([])
    expect(Object.keys(tally.answered).sort()).toEqual(names)
  }
  prober.watch('farm', [])
  expect(targets.filter(({ id }) => !prober.heard(id).some(({ reason }) => reason === null))).toEqual([])
  await on(topology.lb, 'nft', 'delete', 'table', 'netdev', 'farm')
})

test('probes go on from another card, another MTU, another own address, and after the link was down', async () => {
  const { topology, prober } = site
  const [vip = ''] = vips
  const target = site.through('web1', vip, { type: 'http', interval: 0.5, timeout: 0.4 })
  const answered = async (what: string): Promise<void> => {
    await until(what, async () => (await prober.results(target.id, 1)).every(({ reason }) => reason === null), 15_000, 0)
  }
  // Asking the own address lets the backend learn where the appliance is now.
  const own = site.own('web1', vip, { type: 'tcp', interval: 0.5, timeout: 0.4 })
  prober.watch('farm', [target, own])
  await answered('before')

  await on(topology.lb, 'ip', 'link', 'set', 'eth0', 'mtu', '1400')
  await until('the device of the probes has it too', async () => /tgprobe\d+@\S+ .*mtu 1400/.test(await on(topology.lb, 'ip', '-o', 'link')))
  await answered('with another MTU')

  await on(topology.lb, 'ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:aa:01')
  const left = await countDepartures({ ...topology.lb, name: 'renamed' }, `ip daddr ${vip}`)
  await until('frames leave with the new MAC', async () => Object.keys(await left()).join() === '02:00:00:00:aa:01')
  await answered('with another MAC')

  await on(topology.lb, 'ip', 'link', 'set', 'eth0', 'down')
  await until('nothing gets through', async () => (await prober.results(target.id, 1))[0]?.reason !== null, 15_000, 0)
  await on(topology.lb, 'ip', 'link', 'set', 'eth0', 'up')
  await answered('after the link was down')

  await replaceNic(topology.lb.namespace, topology.lb.nic)
  await on(topology.lb, 'ip', 'addr', 'add', `${vip}/32`, 'dev', 'eth0')
  await answered('with another card')

  await on(topology.lb, 'ip', 'addr', 'add', '203.0.113.3/24', 'dev', 'eth0')
  prober.watch('farm', [{ ...target, via: target.via && { ...target.via, source: '203.0.113.3' } }, own])
  const seen = await countArrivals(site.machine('web1'), { moved: `ip daddr ${vip} ip saddr 203.0.113.3` }, { ...topology.lb, nic: { ...topology.lb.nic, mac: await macOf(topology.lb) } })
  await until('the new address asks', async () => (await seen()).moved?.packets)
  await answered('from another own address')
  prober.watch('farm', [])
})

async function macOf(machine: Machine): Promise<string> {
  return (await on(machine, 'cat', '/sys/class/net/eth0/address')).trim()
}
