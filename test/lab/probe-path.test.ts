import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MonitorInput } from '#lib/domain/monitor.ts'
import { inside } from './command.ts'
import { createProbeSite, type ProbeSite } from './probe-site.ts'
import { startProcess } from './process.ts'
import { countArrivals } from './seen.ts'
import { until } from './until.ts'

const vips = { IPv4: '203.0.113.100', 'another IPv4': '203.0.113.101', IPv6: '2001:db8:113::100', 'another IPv6': '2001:db8:113::101' }
const families = { IPv4: vips.IPv4, IPv6: vips.IPv6 }
/** web1 and web2 are prepared; bare has no VIP; local serves its own address only; shut drops what comes for the VIP. */
let site: ProbeSite
beforeAll(async () => {
  site = await createProbeSite(['web1', 'web2', 'bare', 'local', 'shut'], Object.values(vips))
  for (const name of ['web1', 'web2', 'local', 'shut']) await site.prepare(name, Object.values(vips))
})
afterAll(() => site.remove())

/** Every type of monitor, asking for something that only the named backend answers where the type can tell. */
const monitors = (name: string): Array<[MonitorInput, number | null]> => [
  [{ type: 'tcp' }, 80],
  [{ type: 'http', body: name }, 80],
  [{ type: 'https', body: name }, 443],
  [{ type: 'dns', name: 'www.example.net', record: 'TXT', answer: name }, 53],
  [{ type: 'udp', send: 'hello', expect: `${name} hello` }, 80],
  [{ type: 'icmp' }, null],
]

describe.each(Object.entries(vips))('a VIP of %s', (_, vip) => {
  test.each(['web1', 'web2'])('answers through %s, whatever is asked', async (name) => {
    await Promise.all(
      monitors(name).map(async ([monitor, port]) => {
        expect(await site.prober.once(site.through(name, vip, monitor, port)), monitor.type).toMatchObject({ reason: null })
        expect(await site.prober.once(site.own(name, vip, monitor, port)), `${monitor.type} of the own address`).toMatchObject({ reason: null })
      }),
    )
  })

  test('is asked of the backend that is meant, and of no other', async () => {
    expect(await site.prober.once(site.through('web1', vip, { type: 'http', body: 'web2' }))).toMatchObject({ reason: 'wrong-body' })
    const ip = vip.includes(':') ? 'ip6' : 'ip'
    const seen = await countArrivals(site.machine('web2'), { probes: `${ip} daddr ${vip}` }, site.topology.lb)
    await site.prober.once(site.through('web1', vip, { type: 'http' }))
    expect((await seen()).probes?.packets).toBe(0)
    await site.prober.once(site.through('web2', vip, { type: 'http' }))
    expect((await seen()).probes?.packets).toBeGreaterThan(3)
    await site.topology.run(site.machine('web2'), ['nft', 'delete', 'table', 'inet', 'seen'])
  })
})

describe.each(Object.entries(families))('over %s', (_, vip) => {
  const ip = vip.includes(':') ? 'ip6' : 'ip'
  const rip: MonitorInput = { type: 'http' }

  test('a backend without the VIP is silent, while its own address answers', async () => {
    await Promise.all(
      monitors('bare').map(async ([monitor, port]) => {
        expect(await site.prober.once(site.through('bare', vip, { ...monitor, timeout: 0.3 }, port)), monitor.type).toMatchObject({ reason: 'timeout' })
      }),
    )
    expect(await site.prober.once(site.own('bare', vip, rip))).toMatchObject({ reason: null })
  })

  test('a backend that routes the VIP on is named as such, whether its packets come back or go round among routers', async () => {
    const { topology, prober, machine, through } = site
    const [router, bare] = [topology.router, machine('bare')]
    const family = vip.includes(':') ? '-6' : '-4'
    const gateway = family === '-6' ? ['2001:db8:113::1', site.rip('bare', vip)] : ['203.0.113.1', site.rip('bare', vip)]
    const forward = (value: string): Promise<string> => topology.run(bare, ['sh', '-c', 'for path in /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding; do echo "$1" >"$path"; done', 'sh', value])
    await forward('1')
    for (const [monitor, port] of monitors('bare')) expect(await prober.once(through('bare', vip, { ...monitor, timeout: 0.5 }, port)), monitor.type).toMatchObject({ reason: 'forwarded' })

    await topology.run(bare, ['ip', family, 'route', 'add', vip, 'via', gateway[0] ?? ''])
    await topology.run(router, ['ip', family, 'route', 'add', vip, 'via', gateway[1] ?? ''])
    for (const [monitor, port] of monitors('bare').filter(([{ type }]) => type !== 'icmp')) {
      // Routers say so once a second, and here so fast that the socket is not ready to hear it before the packet is repeated.
      expect(await until('an answer that names it', async () => {
        const found = await prober.once(through('bare', vip, { ...monitor, timeout: 2 }, port))
        return found.reason === 'timeout' ? null : found
      }), monitor.type).toMatchObject({ reason: 'forwarded' })
    }
    await topology.run(bare, ['ip', family, 'route', 'del', vip])
    await topology.run(router, ['ip', family, 'route', 'del', vip])
    await forward('0')
  })

  test('an application that listens on the own address only refuses', async () => {
    const { topology, prober, machine, through, own } = site
    const address = site.rip('local', vip)
    const bracketed = vip.includes(':') ? `TCP6-LISTEN:81,bind=[${address}]` : `TCP4-LISTEN:81,bind=${address}`
    const application = startProcess(inside(machine('local').namespace, ['socat', `${bracketed},fork,reuseaddr`, 'PIPE']), process.env, join(topology.folder, 'socat.log'))
    await until('it answers on its own address', async () => (await prober.once(own('local', vip, { type: 'tcp' }, 81))).reason === null)
    expect(await prober.once(through('local', vip, { type: 'tcp' }, 81))).toMatchObject({ reason: 'refused' })
    await application.end('SIGTERM')
  })

  test('a firewall that drops is silence, one that rejects is unreachable, while the own address answers', async () => {
    const { topology, prober, machine, through, own } = site
    const rule = (action: string): Promise<string> => topology.run(machine('shut'), ['nft', `add table inet wall; flush table inet wall; add chain inet wall in { type filter hook input priority 0; }; add rule inet wall in ${ip} daddr ${vip} ${action}`])
    await rule('drop')
    for (const type of ['tcp', 'icmp'] as const) expect(await prober.once(through('shut', vip, { type, timeout: 0.3 }, type === 'tcp' ? 80 : null)), type).toMatchObject({ reason: 'timeout' })
    await rule('reject with icmpx type admin-prohibited')
    expect(await prober.once(through('shut', vip, { type: 'tcp', timeout: 3 }))).toMatchObject({ reason: 'unreachable' })
    expect(await prober.once(own('shut', vip, rip))).toMatchObject({ reason: null })
    await topology.run(machine('shut'), ['nft', 'delete', 'table', 'inet', 'wall'])
  })

  test('a machine that is not there is silence through the VIP, and unreachable at its own address', async () => {
    const { prober, through, own } = site
    const target = through('web1', vip, { type: 'tcp', timeout: 0.3 })
    expect(await prober.once({ ...target, via: target.via && { ...target.via, mac: '02:00:00:00:00:99' } })).toMatchObject({ reason: 'timeout' })
    const nobody = own('web1', vip, { type: 'tcp', timeout: 10 })
    expect(await prober.once({ ...nobody, address: nobody.address.replace(/21$/, '99') })).toMatchObject({ reason: 'unreachable' })
  })
})

test('what cannot be asked is said at once', async () => {
  const { prober, through } = site
  expect(await prober.once({ ...through('web1', vips.IPv4, { type: 'tcp' }), via: null })).toMatchObject({ reason: 'not-possible' })
  expect(await prober.once(through('web1', vips.IPv4, { type: 'tcp' }, null))).toMatchObject({ reason: 'not-possible' })
  expect(await prober.once(through('web1', vips.IPv4, { type: 'arp' }, null))).toMatchObject({ reason: 'not-possible' })
})
