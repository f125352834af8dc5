import { readFile } from 'node:fs/promises'
import type { Event, FarmHealth } from '#lib/domain/replies.ts'
import type { BackendStatus } from '#lib/domain/status.ts'
import type { Site } from './fixture.ts'
import { pidOf } from './kernel.ts'
import type { Machine } from './topology.ts'
import { until } from './until.ts'

/** Asks twice a second, so that a failure shows soon. */
export const monitor = { type: 'http', interval: 0.5, timeout: 0.4, rise: 2, fall: 3 } as const

/** When a backend must be out, and back, in ms after what befell it, on a machine that always has a processor free. */
export const outWithinMs = monitor.fall * monitor.interval * 1000 + 1000
export const backWithinMs = monitor.rise * monitor.interval * 1000 + 1000

/** Waits until every backend of the farm serves and is healthy. */
export async function allHealthy({ appliance }: Site, farm: string): Promise<void> {
  await until(`every backend of ${farm} is healthy`, async () => {
    const { status, backends } = await appliance.api.farmStatus(farm)
    return status === 'online' && backends.every(({ health }) => health?.state === 'healthy')
  })
}

export async function backendOf({ appliance }: Site, farm: string, name: string): Promise<BackendStatus> {
  const found = (await appliance.api.farmStatus(farm)).backends.find((one) => one.name === name)
  if (!found) throw new Error(`There is no backend ${name}.`)
  return found
}

/** Something that befell a backend, at a moment of performance.now(). */
export type Moments = ReadonlyMap<string, number>

/**
 * How long after its moment a backend was in or out, in ms, and how much of that is the machine's own: while a process waited for a
 * processor, and an interval for each probe that could not be sent or heard in time, which says nothing about a backend.
 */
export type Took = { ms: number; machineMs: number }

/** Waits until every one of these backends is in or out. */
export async function allBecome(site: Site, farm: string, active: boolean, moments: Moments): Promise<Map<string, Took>> {
  const times = new Map<string, number>()
  const waitedBefore = await waitedMs()
  await until(`${[...moments.keys()].join(', ')} are ${active ? 'in' : 'out'}`, async () => {
    const { backends } = await site.appliance.api.farmStatus(farm)
    for (const { name, active: now } of backends) if (now === active && !times.has(name)) times.set(name, performance.now())
    return [...moments.keys()].every((name) => times.has(name))
  }, 30_000, 20)
  const waited = (await waitedMs()) - waitedBefore
  const { backends } = await healthOf(site, farm)
  return new Map(
    [...moments].map(([name, moment]) => {
      const probes = backends.find((one) => one.name === name)?.probes ?? []
      const end = times.get(name) ?? Number.NaN
      const wall = (at: number): number => Date.now() - (performance.now() - at)
      const skipped = probes.map(({ results }) => results.filter(({ at, reason }) => reason === 'not-possible' && at >= wall(moment) && at <= wall(end)).length)
      return [name, { ms: end - moment, machineMs: waited + Math.max(0, ...skipped) * monitor.interval * 1000 }]
    }),
  )
}

/** For how long some process of this machine has waited for a processor since it started, in ms; 0 where the kernel does not count it (Documentation/accounting/psi.rst). */
async function waitedMs(): Promise<number> {
  const text = await readFile('/proc/pressure/cpu', 'utf8').catch(() => '')
  return Number(/^some .*total=(\d+)$/m.exec(text)?.[1] ?? 0) / 1000
}

/** The same for one backend, from now on. */
export async function becomes(site: Site, farm: string, name: string, active: boolean): Promise<Took> {
  const took = (await allBecome(site, farm, active, new Map([[name, performance.now()]]))).get(name)
  if (!took) throw new Error(`There is no backend ${name}.`)
  return took
}

/** What the probes found recently. */
export async function healthOf({ appliance }: Site, farm: string): Promise<FarmHealth> {
  return (await appliance.api.call('GET', `/farms/${farm}/health`)).body as FarmHealth // The route validates what it answers.
}

/** Sends a signal to the service of a backend. */
export async function signal(machine: Machine, name: NodeJS.Signals): Promise<void> {
  const pid = await pidOf(machine, 'node')
  if (pid === null) throw new Error(`There is no service on ${machine.name}.`)
  process.kill(pid, name)
}

/** What happened in a farm since a moment (ms since 1970) as far as the console knows, oldest first: "web1 unhealthy". It hears of events once a second. */
export async function eventsOf({ appliance }: Site, farm: string, since: number): Promise<string[]> {
  const { body } = await appliance.api.call('GET', `/farms/${farm}/events`)
  const { items } = body as { items: Event[] } // The route validates what it answers.
  return items.filter(({ at }) => Date.parse(at) >= since).map(({ backend, to }) => `${backend} ${to}`).reverse()
}
