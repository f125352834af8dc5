import { afterAll, expect } from 'vitest'
import { check } from './prep-check.ts'
import { startListener } from './prep-listener.ts'
import { createPrepMachine, type PrepMachine } from './prep-machine.ts'
import { openPoller, type Poller } from './prep-poller.ts'
import { passOn, reach } from './prep-reach.ts'
import { linuxScript } from './prep-script.ts'
import { countArrivals } from './seen.ts'

export type Family = 'IPv4' | 'IPv6'

export const sites = {
  IPv4: { own: '10.9.0.21', vip: '10.9.0.100', router: '10.9.0.1', appliances: ['10.9.0.2'] },
  IPv6: { own: 'fd09::21', vip: 'fd09::100', router: 'fd09::1', appliances: ['fd09::2'] },
}

export const scripts = {
  IPv4: linuxScript({ ...sites.IPv4, address: sites.IPv4.own, vips: [sites.IPv4.vip] }),
  IPv6: linuxScript({ ...sites.IPv6, address: sites.IPv6.own, vips: [sites.IPv6.vip] }),
}

/** A prepared machine with an application, that clients of another network reach. */
export type Prepared = {
  machine: PrepMachine
  poller: Poller
  /** How many packets for the VIP the machine has sent back to the neighbour. */
  returned: () => Promise<number>
  stopListener: () => Promise<void>
  remove: () => Promise<void>
}

async function prepare(family: Family): Promise<Prepared> {
  const { own, vip } = sites[family]
  const machine = await createPrepMachine()
  try {
    await passOn(machine, [vip], own)
    // As if the neighbour, which passes on what is for the VIP, had answered for it.
    await machine.ip('neigh', 'add', vip, 'lladdr', machine.neighbour.nic.mac, 'dev', 'eth0', 'nud', 'permanent')
    const counters = await countArrivals({ name: 'other', ...machine.neighbour }, { vip: `${family === 'IPv6' ? 'ip6' : 'ip'} daddr ${vip}` }, { name: 'web1', ...machine })
    const stopListener = await startListener(machine.namespace, '::', 80)
    const poller = await openPoller(machine, own, [vip])
    expect((await machine.run(scripts[family], ['--apply'])).status).toBe(0)
    await expectHealthy(machine, family)
    const remove = async (): Promise<void> => {
      poller.close()
      await machine.remove()
    }
    return { machine, poller, returned: async () => (await counters()).vip?.packets ?? 0, stopListener, remove }
  } catch (error) {
    await machine.remove()
    throw error
  }
}

/** Row A of the catalogue of mistakes: none. */
export async function expectHealthy(machine: PrepMachine, family: Family): Promise<void> {
  expect(await check(machine, scripts[family])).toMatchObject({ status: 0, wrong: [] })
  expect(await reach(machine, sites[family].vip)).toBe('answers')
}

/** Machines that no test uses now. */
const idle: Record<Family, Prepared[]> = { IPv4: [], IPv6: [] }

/** Lends a prepared machine to a test, which must leave it right. Tests may run at the same time. */
export async function onPrepared(family: Family, work: (prepared: Prepared) => Promise<void>): Promise<void> {
  const prepared = idle[family].pop() ?? (await prepare(family))
  try {
    await work(prepared)
    idle[family].push(prepared)
  } catch (error) {
    await prepared.remove()
    throw error
  }
}

afterAll(async () => {
  for (const { remove } of [...idle.IPv4.splice(0), ...idle.IPv6.splice(0)]) await remove()
})
