import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import type { ProbeTarget } from '#agent/probe/target.ts'
import { root } from '#scripts/setup/project.mjs'
import { setSysctls } from './command.ts'
import { attach, type Nic } from './nic.ts'
import { createProbeSite, type ProbeSite } from './probe-site.ts'
import { startProber } from './prober.ts'
import { countArrivals } from './seen.ts'
import { addSwitch, type Machine } from './topology.ts'
import { until } from './until.ts'

const vips = ['203.0.113.100', '2001:db8:113::100']
const monitor = { type: 'http', interval: 0.5, timeout: 0.4 } as const
let site: ProbeSite
beforeAll(async () => {
  site = await createProbeSite(['web1', 'web2', 'standby'], vips)
  for (const name of ['web1', 'web2']) await site.prepare(name, vips)
})
afterAll(() => site.remove())

const on = (machine: Machine, ...argv: string[]): Promise<string> => site.topology.run(machine, argv)
const answered = async (prober: ProbeSite['prober'], targets: readonly ProbeTarget[]): Promise<void> => {
  const results = await Promise.all(targets.map(({ id }) => prober.results(id, 3)))
  expect(results.flat().filter(({ reason }) => reason !== null)).toEqual([])
}

test('two interfaces have a way out each, and a VIP is asked on its own', async () => {
  const { topology, prober, through } = site
  const second = await addSwitch(`${topology.prefix}second`)
  const plug = (machine: Machine, host: number): Promise<Nic> => attach(machine.namespace, 'eth1', second, [`192.0.2.${host}/24`, `2001:db8:192::${host}/64`], [])
  await plug(topology.lb, 2)
  const nics = { web1: await plug(site.machine('web1'), 21), web2: await plug(site.machine('web2'), 22) }
  const others = ['192.0.2.100', '2001:db8:192::100']
  for (const vip of others) {
    const prefix = vip.includes(':') ? '/128' : '/32'
    for (const name of ['web1', 'web2']) await on(site.machine(name), 'ip', 'addr', 'add', `${vip}${prefix}`, 'dev', 'lo')
    await on(topology.lb, 'ip', 'addr', 'add', `${vip}${prefix}`, 'dev', 'eth1', ...(vip.includes(':') ? ['nodad'] : []))
  }
  const seen = await countArrivals({ ...site.machine('web1') }, { right: 'iifname "eth1" ip daddr 192.0.2.100', wrong: 'iifname "eth0" ip daddr 192.0.2.100' }, { ...topology.lb, nic: { ...topology.lb.nic, mac: (await on(topology.lb, 'cat', '/sys/class/net/eth1/address')).trim() } })
  const targets = (['web1', 'web2'] as const).flatMap((name) => [
    ...vips.map((vip) => through(name, vip, { ...monitor, body: name })),
    ...others.map((vip) => ({ ...through(name, vip, { ...monitor, body: name }), via: { interface: 'eth1', source: vip.includes(':') ? '2001:db8:192::2' : '192.0.2.2', mac: nics[name].mac } })),
  ])
  // New cards take a moment until they use their addresses.
  for (const target of targets) await until(`${target.id} answers`, async () => (await prober.once(target)).reason === null)
  prober.watch('farm', targets)
  await answered(prober, targets)
  expect((await seen()).right?.packets).toBeGreaterThan(5)
  expect((await seen()).wrong?.packets).toBe(0)

  // One interface goes, the other one does not notice.
  await on(topology.lb, 'ip', 'link', 'del', 'eth1')
  await until('it is silent there', async () => (await prober.results('web1/192.0.2.100', 1))[0]?.reason !== null, 15_000, 0)
  await answered(prober, targets.filter(({ via }) => via?.interface === 'eth0'))
  prober.watch('farm', [])
})

test('an interface that is stacked on another one, as VLANs are, is asked from in its own name', async () => {
  const { topology, prober, through } = site
  const vip = '192.168.7.100'
  // Both are in one network here, where eth0 would answer for the other one.
  await setSysctls(topology.lb.namespace, { 'net/ipv4/conf/all/arp_ignore': '1' })
  await on(topology.lb, 'sh', '-c', `ip link add link eth0 name stacked type macvlan mode bridge && ip addr add 192.168.7.2/24 dev stacked && ip addr add ${vip}/32 dev stacked && ip link set stacked up`)
  const targets: ProbeTarget[] = []
  for (const [index, name] of ['web1', 'web2'].entries()) {
    await on(site.machine(name), 'sh', '-c', `ip addr add 192.168.7.${21 + index}/24 dev eth0 && ip addr add ${vip}/32 dev lo`)
    targets.push({ ...through(name, vip, { ...monitor, body: name }), via: { interface: 'stacked', source: '192.168.7.2', mac: site.machine(name).nic.mac } }, through(name, vips[0] ?? '', { ...monitor, body: name }))
  }
  for (const target of targets) await until(`${target.id} answers`, async () => (await prober.once(target)).reason === null)
  prober.watch('farm', targets)
  await answered(prober, targets)
  prober.watch('farm', [])
  await on(topology.lb, 'ip', 'link', 'del', 'stacked')
})

test('two appliances ask the same backends at the same time, and one ends without the other', async () => {
  const { topology, prober, programs, through } = site
  const other = startProber(programs, site.machine('standby'))
  const mine = ['web1', 'web2'].flatMap((name) => vips.map((vip) => through(name, vip, monitor)))
  const theirs = mine.map((target) => ({ ...target, via: target.via && { ...target.via, source: site.rip('standby', target.address) } }))
  prober.watch('farm', mine)
  other.watch('farm', theirs)
  await Promise.all([answered(prober, mine), answered(other, theirs)])
  await other.end()
  await answered(prober, mine)
  expect(await topology.run(site.machine('standby'), ['nft', 'list', 'ruleset'])).toBe('')
})

test('the namespace forgets connections as fast as probes make them, and filters no answers, however the machine is set', async () => {
  const { prober, through, topology } = site
  const target = through('web1', vips[0] ?? '', monitor)
  prober.watch('farm', [target])
  await answered(prober, [target])
  const [pid] = (await Promise.all((await prober.workers()).map(async (one) => ((await within(one, 'cat', '/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close')) === '1\n' ? [one] : [])))).flat()
  expect(pid).toBeDefined()
  await within(pid ?? 0, 'sh', '-c', 'for path in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 >"$path"; done')
  await answered(prober, [target])
  await on(topology.lb, 'ip', 'link', 'set', 'eth0', 'mtu', '1400')
  await until('the device of the probes is another one', async () => /mtu 1400/.test(await within(pid ?? 0, 'ip', 'link')))
  await answered(prober, [target])
  prober.watch('farm', [])
})

const composeSchema = z.object({ services: z.object({ agent: z.object({ cap_add: z.array(z.string()) }) }) })

test('the capabilities of the container are enough, and its read-only /proc/sys is no hindrance', async () => {
  const { programs, machine, through } = site
  const { services } = composeSchema.parse(parse(await readFile(join(root, 'docker-compose.yml'), 'utf8')))
  const capabilities = services.agent.cap_add.map((name) => `+${name.toLowerCase()}`).join()
  const readOnly = ['unshare', '--mount', 'sh', '-c', 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec "$@"', 'sh']
  const contained = startProber(programs, machine('standby'), [...readOnly, 'setpriv', '--inh-caps', '-all', '--bounding-set', `-all,${capabilities}`, '--no-new-privs'])
  const types = [[{ ...monitor }, 80], [{ ...monitor, type: 'icmp' }, null]] as const
  const targets = types.flatMap(([one, port]) => vips.map((vip) => ({ ...through('web1', vip, one, port), id: `${one.type} ${vip}`, via: { interface: 'eth0', mac: machine('web1').nic.mac, source: site.rip('standby', vip) } })))
  contained.watch('farm', targets)
  await answered(contained, targets)
  expect(await contained.state()).toMatchObject({ trouble: null })
  await contained.end()
  expect(await on(machine('standby'), 'nft', 'list', 'ruleset')).toBe('')
})

/** Runs a program in the network namespace of a process. */
function within(pid: number, ...argv: string[]): Promise<string> {
  return on(site.topology.lb, 'nsenter', `--net=/proc/${pid}/ns/net`, ...argv)
}
