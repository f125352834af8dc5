import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { farmSchema } from '#lib/domain/farm.ts'
import type { MonitorInput } from '#lib/domain/monitor.ts'
import { startAnswerer } from './answerer.ts'
import { backendsOf } from './fixture.ts'
import { startLoneAgent, type LoneAgent } from './lone-agent.ts'
import { createProbeSite, type ProbeSite } from './probe-site.ts'
import { countArrivals } from './seen.ts'
import { addNamespace } from './topology.ts'

const vips = { IPv4: '203.0.113.100', IPv6: '2001:db8:113::100' }
const names = ['web1', 'boxed', 'looping']
/**
 * The traffic of the farms goes to web1 and boxed. On boxed the VIP is its own, and what comes to it is sent on into a container, as
 * container runtimes do; looping has no VIP and routes.
 */
let site: ProbeSite
let agent: LoneAgent
beforeAll(async () => {
  site = await createProbeSite(names, [])
  await site.prepare('web1', Object.values(vips))
  await site.prepare('boxed', Object.values(vips))
  await addContainer('boxed')
  await route('looping')
  agent = await startLoneAgent(site.topology.lb, site.topology.folder)
  const farms = Object.entries(vips).map(([family, vip]) => farmSchema.parse({ name: family.toLowerCase(), vip, ports: ['80'], monitor: null, backends: backendsOf(['web1', 'boxed']).map((backend) => ({ ...backend, address: site.rip(backend.name, vip) })) }))
  await agent.socket.put({ generation: 1, farms })
  await agent.applied()
})
afterAll(async () => {
  await agent?.end('SIGTERM')
  await site?.remove()
})
beforeEach(async () => {
  // A network of switches alone asks again for addresses that nobody used for long.
  await site.topology.run(site.machine('looping'), ['ip', 'neigh', 'flush', 'all'])
})

async function route(name: string): Promise<void> {
  await site.topology.run(site.machine(name), ['sh', '-c', 'for path in /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding; do echo 1 >"$path"; done'])
}

/** A namespace behind the backend whose service answers port 80 of the VIPs, and the rules that lead there. */
async function addContainer(name: string): Promise<void> {
  const { topology, programs, machine } = site
  const host = machine(name)
  const namespace = await addNamespace(`${topology.prefix}inside`)
  const container = { ...host, name: 'container', namespace }
  await topology.run(host, ['ip', 'link', 'add', 'inside', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace])
  await topology.run(host, ['sh', '-c', 'ip link set inside up; ip addr add 192.0.2.1/24 dev inside; ip addr add 2001:db8:192::1/64 dev inside nodad'])
  await topology.run(container, ['sh', '-c', 'ip link set eth0 up; ip addr add 192.0.2.2/24 dev eth0; ip addr add 2001:db8:192::2/64 dev eth0 nodad; ip route add default via 192.0.2.1; ip -6 route add default via 2001:db8:192::1'])
  await topology.run(host, ['nft', `add table inet runtime
add chain inet runtime publish { type nat hook prerouting priority -100; }
add rule inet runtime publish ip daddr ${vips.IPv4} meta l4proto { tcp, udp } th dport 80 dnat ip to 192.0.2.2
add rule inet runtime publish ip6 daddr ${vips.IPv6} meta l4proto { tcp, udp } th dport 80 dnat ip6 to 2001:db8:192::2`])
  await route(name)
  await startAnswerer(programs, container, [80])
}

const services: MonitorInput[] = [{ type: 'tcp' }, { type: 'http', body: 'container' }, { type: 'udp', send: 'hello', expect: 'container hello' }]
const every: Array<[MonitorInput, number | null]> = [[{ type: 'tcp' }, 80], [{ type: 'http' }, 80], [{ type: 'udp', send: 'hello', expect: 'hello' }, 80], [{ type: 'icmp' }, null]]

describe.each(Object.entries(vips))('over %s', (_, vip) => {
  const ip = vip.includes(':') ? 'ip6' : 'ip'
  const url = `http://${vip.includes(':') ? `[${vip}]` : vip}/`

  test('a service in a container behind the VIP is as healthy as its clients find it', async () => {
    const served = await site.client.request({ url, count: 60 })
    expect(served).toMatchObject({ failures: [] })
    expect(served.answered).toMatchObject({ container: expect.any(Number), web1: expect.any(Number) })
    for (const monitor of services) expect(await site.prober.once(site.through('boxed', vip, monitor)), monitor.type).toMatchObject({ reason: null })
    expect(await site.prober.once(site.through('boxed', vip, { type: 'icmp' }, null))).toMatchObject({ reason: null })
  })

  test('what a backend without the VIP sends back is noticed, and no engine hands it to another backend', async () => {
    const { topology, prober, machine, through } = site
    const own = ip === 'ip6' ? '2001:db8:113::2' : '203.0.113.2'
    const seen = await Promise.all(['web1', 'boxed'].map((name) => countArrivals(machine(name), { probes: `${ip} saddr ${own} ${ip} daddr ${vip}`, clients: `${ip} saddr != ${own} ${ip} daddr ${vip}` }, topology.lb)))
    for (const [monitor, port] of every) expect(await prober.once(through('looping', vip, { ...monitor, timeout: 0.5 }, port)), monitor.type).toMatchObject({ reason: 'forwarded' })
    expect((await site.client.request({ url, count: 60 })).failures).toEqual([])
    for (const read of seen) {
      const { probes, clients } = await read()
      expect(probes?.packets).toBe(0)
      expect(clients?.packets).toBeGreaterThan(0)
    }
    for (const name of ['web1', 'boxed']) await topology.run(machine(name), ['nft', 'delete', 'table', 'inet', 'seen'])
  })

  test('a backend is named by its own packets alone, and for no longer than it sends them', async () => {
    const { topology, prober, machine, through } = site
    const wall = (rule: string): Promise<string> => topology.run(machine('web1'), ['nft', `add table inet wall; flush table inet wall; add chain inet wall in { type filter hook input priority 0; }; ${rule}`])
    await wall(`add rule inet wall in ${ip} daddr ${vip} tcp dport 80 drop`)
    const both = ['web1', 'looping'].map((name) => ({ ...through(name, vip, { type: 'tcp', interval: 0.5, timeout: 0.4 }) }))
    prober.watch('farm', both)
    const [filtered, looped] = await Promise.all(both.map(({ id }) => prober.results(id, 4)))
    expect(filtered?.map(({ reason }) => reason)).toEqual(Array(4).fill('timeout'))
    expect(looped?.map(({ reason }) => reason)).toEqual(Array(4).fill('forwarded'))
    await wall('')
    expect((await prober.results(both[0]?.id ?? '', 4)).map(({ reason }) => reason)).toContain(null)
    for (const { id } of both) {
      const times = prober.heard(id).map(({ at }) => at)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    }
    prober.watch('farm', [])
    await topology.run(machine('web1'), ['nft', 'delete', 'table', 'inet', 'wall'])
  })
})
