import { afterAll, beforeAll, expect, test } from 'vitest'
import { total } from './client.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { allHealthy, backendOf, backWithinMs, becomes, monitor, outWithinMs, signal } from './health-site.ts'
import { setNic } from './nic.ts'
import type { Machine } from './topology.ts'
import { until } from './until.ts'

const names = ['web1', 'web2', 'web3', 'web4', 'web5', 'web6']
const vip = '203.0.113.100'
const url = `http://${vip}/`

let site: Site

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80] })
  await site.appliance.api.putFarm({ name: 'web', vip, ports: ['80'], monitor, backends: backendsOf(names) })
  await site.prepare('web')
  await site.appliance.api.applied()
  await allHealthy(site, 'web')
})
afterAll(() => site?.remove())

const run = (machine: Machine, ...argv: string[]): Promise<string> => site.topology.run(machine, argv)
const cable = (machine: Machine, state: 'up' | 'down'): Promise<string> => run({ ...machine, namespace: machine.nic.network }, 'ip', 'link', 'set', machine.nic.port, state)

type Failure = { what: string; backend: string; make: (machine: Machine) => Promise<unknown>; mend: (machine: Machine) => Promise<unknown>; rip: 'healthy' | 'unhealthy'; reason: RegExp }

const failures: Failure[] = [
  { what: 'the VIP is missing on its loopback', backend: 'web1', make: (one) => run(one, 'ip', 'addr', 'del', `${vip}/32`, 'dev', 'lo'), mend: (one) => run(one, 'ip', 'addr', 'add', `${vip}/32`, 'dev', 'lo'), rip: 'healthy', reason: /^VIP 203\.0\.113\.100 port 80 through this backend: No answer within 0\.4 s\. Its own address answers\.$/ },
  { what: 'its firewall drops what goes to the VIP', backend: 'web2', make: (one) => run(one, 'nft', `add table inet fw ; add chain inet fw in { type filter hook input priority 0 ; } ; add rule inet fw in ip daddr ${vip} drop`), mend: (one) => run(one, 'nft', 'delete', 'table', 'inet', 'fw'), rip: 'healthy', reason: /Its own address answers\.$/ },
  { what: 'the application hangs', backend: 'web3', make: (one) => signal(one, 'SIGSTOP'), mend: (one) => signal(one, 'SIGCONT'), rip: 'unhealthy', reason: /^203\.0\.113\.23 port 80: No answer within 0\.4 s\. The VIP does not answer either\.$/ },
  { what: 'its link goes down', backend: 'web4', make: (one) => setNic(one.namespace, one.nic, 'down'), mend: (one) => setNic(one.namespace, one.nic, 'up'), rip: 'unhealthy', reason: /^203\.0\.113\.24 port 80: / },
  { what: 'it vanishes from the network', backend: 'web5', make: (one) => cable(one, 'down'), mend: (one) => cable(one, 'up'), rip: 'unhealthy', reason: /^203\.0\.113\.25 port 80: / },
]

test.each(failures)('when $what, a backend is out in time, clients see nothing of it from then on, and it is back in time', async ({ backend: name, make, mend, rip, reason }) => {
  const { client } = site
  const machine = site.machine(name)
  await client.flow({ name: 'before', url, perSecond: 20 })
  await until(`${name} serves`, async () => (await client.report('before')).answered[name])
  await make(machine)
  const outMs = await becomes(site, 'web', name, false)
  await client.stop('before')

  await client.flow({ name: 'after', url, perSecond: 50 })
  const seen = await backendOf(site, 'web', name)
  expect(seen).toMatchObject({ status: 'error', health: { state: 'unhealthy', rip, vip: 'unhealthy', damped: null } })
  expect(seen.health?.reason).toMatch(reason)
  const reports = [await client.report('after')]
  await until('clients are served', async () => {
    reports.push(await client.report('after'))
    return reports.reduce((sum, report) => sum + total(report), 0) > 100
  })
  expect(reports.map((report) => report.answered[name] ?? 0).reduce((sum, count) => sum + count, 0)).toBe(0)
  await mend(machine)
  const backMs = await becomes(site, 'web', name, true)
  await until(`${name} serves again`, async () => {
    const report = await client.report('after')
    reports.push(report)
    return report.answered[name]
  })
  reports.push(await client.stop('after'))
  expect(reports.flatMap((report) => report.failures)).toEqual([])
  console.log(`${name}: out after ${Math.round(outMs)} ms, back after ${Math.round(backMs)} ms`)
  expect(outMs).toBeLessThan(outWithinMs)
  expect(backMs).toBeLessThan(backWithinMs)
})
