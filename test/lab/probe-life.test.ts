import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ProbeResult, ProbeTarget } from '#agent/probe/target.ts'
import { namespacesWith } from '#scripts/run/namespaces.mjs'
import { createProbeSite, type ProbeSite } from './probe-site.ts'
import { startProber, type LabProber } from './prober.ts'
import { until } from './until.ts'

const vips = ['203.0.113.100', '2001:db8:113::100']
const monitor = { type: 'http', interval: 0.5, timeout: 0.4 } as const
let site: ProbeSite
let prober: LabProber
beforeAll(async () => {
  site = await createProbeSite(['web1', 'web2'], vips)
  await site.prober.end()
  for (const name of ['web1', 'web2']) await site.prepare(name, vips)
})
beforeEach(() => {
  prober = startProber(site.programs, site.topology.lb)
})
afterEach(() => prober.end())
afterAll(() => site.remove())

const onAppliance = (...argv: string[]): Promise<string> => site.topology.run(site.topology.lb, argv)
const all = (): ProbeTarget[] => ['web1', 'web2'].flatMap((name) => [site.own(name, vips[0] ?? '', monitor), ...vips.map((vip) => site.through(name, vip, monitor))])

/** A probe that says something about a backend, and nothing good. */
const failed = ({ reason }: ProbeResult): boolean => reason !== null && reason !== 'not-possible'

async function allAnswer(one = prober): Promise<void> {
  await Promise.all(
    all().map(async ({ id }) => {
      for (let good = 0; good < 2; ) {
        const [result] = await one.results(id, 1)
        expect(result).not.toSatisfy(failed)
        if (result?.reason === null) good++
      }
    }),
  )
}

/** What a network namespace has that a prober could leave behind. */
async function traces(): Promise<{ devices: string[]; ruleset: string; namespaces: string[] }> {
  const devices = (await onAppliance('ip', '-br', 'link')).split('\n').map((line) => line.split(/[@ ]/)[0] ?? '')
  return { devices: devices.filter((name) => name !== ''), ruleset: await onAppliance('nft', 'list', 'ruleset'), namespaces: namespacesWith(site.topology.prefix) }
}

test('everything is made with the first probe, and nothing is left when it ends, not even of one that was killed', async () => {
  await onAppliance('nft', 'add table netdev someone; add set netdev someone else { type ipv4_addr; }; add table inet someone-elses')
  await prober.state()
  const before = await traces()
  expect(before.devices).toEqual(['lo', 'eth0'])
  expect(await prober.workers()).toEqual([])

  prober.watch('farm', all())
  await allAnswer()
  const during = await traces()
  expect(during.devices).toEqual(['lo', 'eth0', expect.stringMatching(/^tgprobe\d+$/)])
  expect(during.namespaces).toEqual(before.namespaces)
  const workers = await prober.workers()
  expect(workers).toHaveLength(2)
  await prober.end()
  expect(await traces()).toEqual(before)
  expect(workers.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])

  const killed = startProber(site.programs, site.topology.lb)
  killed.watch('farm', all())
  await allAnswer(killed)
  const orphans = await killed.workers()
  await killed.end('SIGKILL')
  await until('its workers have ended and taken the devices along', async () => !orphans.some((pid) => existsSync(`/proc/${pid}`)) && (await traces()).devices.length === 2)

  const next = startProber(site.programs, site.topology.lb)
  await next.state()
  expect(await traces()).toEqual(before)
  next.watch('farm', all())
  await allAnswer(next)
  await next.end()
  expect(await traces()).toEqual(before)
})

test('a prober that is killed at a random moment leaves nothing that is there after the next one has started', async () => {
  await prober.state()
  const before = await traces()
  for (let kill = 0; kill < 12; kill++) {
    prober.watch('farm', all())
    const ms = Math.random() * 800
    await wait(ms)
    await prober.end('SIGKILL')
    prober = startProber(site.programs, site.topology.lb)
    await prober.state()
    expect(await traces(), `killed after ${Math.round(ms)} ms`).toEqual(before)
  }
  prober.watch('farm', all())
  await allAnswer()
})

test('a worker that dies is started again with all its probes, and no probe is called failed for it', async () => {
  prober.watch('farm', all())
  await allAnswer()
  for (const pid of await prober.workers()) {
    process.kill(pid, 'SIGKILL')
    await allAnswer()
  }
  for (const { id } of all()) expect(prober.heard(id).filter(failed)).toEqual([])
  expect(await prober.state()).toMatchObject({ trouble: null })
})

test('rules and devices that somebody takes away are put back, and silence meanwhile is no verdict', async () => {
  prober.watch('farm', all())
  await allAnswer()
  for (const disturb of [['nft', 'flush', 'ruleset'], ['nft', 'delete table netdev tangent-probes'], ['sh', '-c', 'ip link del "$(ip -br link | grep -o "tgprobe[0-9]*" | head -n 1)"']]) {
    await onAppliance(...disturb)
    await until(`probes work again after ${disturb.join(' ')}`, async () => (await traces()).ruleset.includes('tangent-probes') && (await traces()).devices.length === 3)
    await allAnswer()
  }
  for (const { id } of all()) expect(prober.heard(id).filter(failed)).toEqual([])
})

test('farms come and go by themselves, and those that stay are not asked a second time for it', async () => {
  const [kept, ...others] = all()
  if (!kept) throw new Error('There is no target.')
  prober.watch('kept', [kept])
  prober.watch('through', [site.through('web1', vips[0] ?? '', monitor)])
  await prober.results(`web1/${vips[0]}`, 1)
  const begun = performance.now()
  const heard = prober.heard(kept.id).length
  for (let round = 0; round < 20; round++) {
    prober.watch('kept', [kept])
    prober.watch('others', round % 2 === 0 ? others.filter(({ id }) => id !== `web1/${vips[0]}`) : [])
    await prober.state()
  }
  await prober.results(kept.id, 3)
  const intervals = (performance.now() - begun) / (monitor.interval * 1000)
  expect(Math.abs(prober.heard(kept.id).length - heard - intervals)).toBeLessThanOrEqual(1)
  expect(prober.heard(kept.id).concat(prober.heard(`web1/${vips[0]}`)).filter(failed)).toEqual([])
  // Both VIPs leave the sets with the last farm that asks for them.
  prober.watch('others', [])
  prober.watch('through', [])
  await until('the sets are empty', async () => !(await onAppliance('nft', 'list', 'table', 'netdev', 'tangent-probes')).includes('elements'))
})
