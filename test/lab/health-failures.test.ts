import { afterAll, beforeAll, expect, test } from 'vitest'
import { total } from './client.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { allBecome, allHealthy, backWithinMs, monitor, outWithinMs, signal, type Took } from './health-site.ts'
import { setNic } from './nic.ts'
import type { Tally } from './programs/protocol.ts'
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
  { what: 'its host freezes, or its cable is pulled', backend: 'web5', make: (one) => cable(one, 'down'), mend: (one) => cable(one, 'up'), rip: 'unhealthy', reason: /^203\.0\.113\.25 port 80: / },
]

test('however a backend fails, it is out in time, clients see nothing of it from then on, and it is back in time', async () => {
  const { client } = site
  const answered = new Set<string>()
  const failed: string[] = []
  const take = (report: Tally): void => {
    Object.keys(report.answered).forEach((name) => answered.add(name))
    failed.push(...report.failures)
  }
  await client.flow({ name: 'before', url, perSecond: 50 })
  await until('all serve', async () => {
    take(await client.report('before'))
    return answered.size === names.length
  })
  const broken = await eachOf(({ backend, make }) => make(site.machine(backend)))
  const out = await allBecome(site, 'web', false, broken)
  await client.stop('before')

  answered.clear()
  failed.length = 0
  await client.flow({ name: 'after', url, perSecond: 50 })
  const { backends } = await site.appliance.api.farmStatus('web')
  for (const { what, backend: name, rip, reason } of failures) {
    const seen = backends.find((one) => one.name === name)
    expect(seen, what).toMatchObject({ status: 'error', health: { state: 'unhealthy', rip, vip: 'unhealthy', damped: null } })
    expect(seen?.health?.reason, what).toMatch(reason)
  }
  let served = 0
  await until('clients are served', async () => {
    const report = await client.report('after')
    take(report)
    return (served += total(report)) > 100
  })
  expect([...answered]).toEqual(['web6'])
  const mended = await eachOf(({ backend, mend }) => mend(site.machine(backend)))
  const back = await allBecome(site, 'web', true, mended)
  await until('all serve again', async () => {
    take(await client.report('after'))
    return answered.size === names.length
  })
  take(await client.stop('after'))
  expect(failed).toEqual([])
  for (const { what, backend } of failures) {
    const gone = tookOf(out, backend)
    const returned = tookOf(back, backend)
    console.log(`${what}: out after ${inWords(gone)}, back after ${inWords(returned)}`)
    expect(gone.ms - gone.machineMs, what).toBeLessThan(outWithinMs)
    expect(returned.ms - returned.machineMs, what).toBeLessThan(backWithinMs)
  }
})

function tookOf(times: ReadonlyMap<string, Took>, name: string): Took {
  const found = times.get(name)
  if (!found) throw new Error(`There is no time of ${name}.`)
  return found
}

function inWords({ ms, machineMs }: Took): string {
  return `${Math.round(ms)} ms (${Math.round(machineMs)} of them the machine's own)`
}

/** Does something to every backend that fails, one after the other, and answers when that was. */
async function eachOf(work: (failure: Failure) => Promise<unknown>): Promise<Map<string, number>> {
  const moments = new Map<string, number>()
  for (const failure of failures) {
    await work(failure)
    moments.set(failure.backend, performance.now())
  }
  return moments
}
