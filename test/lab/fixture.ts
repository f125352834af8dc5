import { startAppliance, type Appliance } from './appliance.ts'
import { createLab, type Lab } from './lab.ts'
import { prepareBackend } from './prepare.ts'
import type { Machine, TopologyOptions } from './topology.ts'
import type { Tally } from './programs/protocol.ts'
import { until } from './until.ts'

export type Site = Lab & { appliance: Appliance; prepare: (farm: string, names?: readonly string[]) => Promise<void>; machine: (name: string) => Machine; answers: (url: string) => Promise<Tally> }

/** The whole site of a test file: network, services, client and appliance. */
export async function openSite(options: Omit<TopologyOptions, 'prefix'> & { ports: readonly number[] }): Promise<Site> {
  const lab = await createLab(options)
  try {
    const appliance = unprobed(await startAppliance(lab.topology))
    const machine = (name: string): Machine => {
      const found = lab.topology.backends.find((one) => one.name === name)
      if (!found) throw new Error(`There is no backend ${name}.`)
      return found
    }
    return {
      ...lab,
      appliance,
      machine,
      prepare: async (farm, names = options.backends) => {
        for (const backend of names.map(machine)) await prepareBackend(appliance, lab.topology, farm, backend)
      },
      answers: (url) =>
        until(`every request to ${url} is answered`, async () => {
          const tally = await lab.client.request({ url, count: 10, timeoutMs: 1000 })
          return tally.failures.length === 0 ? tally : null
        }),
      remove: async () => {
        await appliance.stop()
        await lab.remove()
      },
    }
  } catch (error) {
    await lab.remove()
    throw error
  }
}

/** Most tests put a farm before its backends have the VIP, stop services, or count every packet: a farm is monitored only if the test says how. */
function unprobed(appliance: Appliance): Appliance {
  const { api } = appliance
  return { ...appliance, api: { ...api, putFarm: (farm) => api.putFarm({ monitor: null, ...farm }) } }
}

/** IPv4 backends of the topology, in the shape of the API. */
export function backendsOf(names: readonly string[]): Array<{ name: string; address: string }> {
  return names.map((name, index) => ({ name, address: `203.0.113.${21 + index}` }))
}
