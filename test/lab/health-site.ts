import type { Event } from '#lib/domain/replies.ts'
import type { BackendStatus } from '#lib/domain/status.ts'
import type { Site } from './fixture.ts'
import { pidOf } from './kernel.ts'
import type { Machine } from './topology.ts'
import { until } from './until.ts'

/** Asks twice a second, so that a failure shows soon. */
export const monitor = { type: 'http', interval: 0.5, timeout: 0.4, rise: 2, fall: 3 } as const

/** When a backend must be out, and back, in ms. */
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

/** Waits until a backend is in or out, and answers how long that took in ms. */
export async function becomes(site: Site, farm: string, name: string, active: boolean): Promise<number> {
  const begun = performance.now()
  await until(`${name} is ${active ? 'in' : 'out'}`, async () => (await backendOf(site, farm, name)).active === active, 15_000, 20)
  return performance.now() - begun
}

/** Sends a signal to the service of a backend. */
export async function signal(machine: Machine, name: NodeJS.Signals): Promise<void> {
  const pid = await pidOf(machine, 'node')
  if (pid === null) throw new Error(`There is no service on ${machine.name}.`)
  process.kill(pid, name)
}

/** The events of a farm that the console has kept, oldest first: "web1 unhealthy". */
export async function eventsOf({ appliance }: Site, farm: string): Promise<string[]> {
  const { body } = await appliance.api.call('GET', `/farms/${farm}/events`)
  return (body as { items: Event[] }).items.map(({ backend, to }) => `${backend} ${to}`).reverse() // The route validates what it answers.
}
