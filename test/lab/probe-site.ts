import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProbeTarget } from '#agent/probe/target.ts'
import { familyOf, hostPrefix } from '#lib/domain/address.ts'
import { monitorSchema, type MonitorInput } from '#lib/domain/monitor.ts'
import { startService } from './answerer.ts'
import { createLab, type Lab } from './lab.ts'
import { linuxScript } from './prep-script.ts'
import { startProber, type LabProber } from './prober.ts'
import { buildPrograms } from './program.ts'
import { addressV4, addressV6, backendHost, lan, type Machine } from './topology.ts'
import { until } from './until.ts'

/** A site without an agent: backends with VIPs, the appliance with the same VIPs, and the prober on it. */
export type ProbeSite = Lab & {
  programs: string
  prober: LabProber
  machine: (name: string) => Machine
  /** The own address of a backend, of the family of another address. */
  rip: (name: string, like: string) => string
  /** Prepares a backend for VIPs with its script; `undo` takes everything back. */
  prepare: (name: string, vips: readonly string[], mode?: '--apply' | '--undo') => Promise<void>
  /** A target through the VIP, or to the own address when that is all there is to ask. */
  through: (name: string, vip: string, monitor: MonitorInput, port?: number | null) => ProbeTarget
  own: (name: string, like: string, monitor: MonitorInput, port?: number | null) => ProbeTarget
}

export async function createProbeSite(backends: readonly string[], vips: readonly string[]): Promise<ProbeSite> {
  const lab = await createLab({ backends, ports: [80] })
  const { topology } = lab
  try {
    const programs = join(topology.folder, 'programs')
    await buildPrograms(programs, ['monitored', 'probing'])
    await Promise.all(topology.backends.map((machine) => startService(programs, machine, 'monitored', [machine.name])))
    for (const vip of vips) await topology.run(topology.lb, ['ip', 'addr', 'add', `${vip}/${hostPrefix(vip)}`, 'dev', 'eth0', ...(familyOf(vip) === 'ipv6' ? ['nodad', 'preferred_lft', '0'] : [])])
    const machine = (name: string): Machine => {
      const found = topology.backends.find((one) => one.name === name)
      if (!found) throw new Error(`There is no backend ${name}.`)
      return found
    }
    const rip = (name: string, like: string): string => {
      const host = backendHost(backends.indexOf(name))
      return familyOf(like) === 'ipv6' ? addressV6(lan, host) : addressV4(lan, host)
    }
    // Until then a machine asks nobody where an address of IPv6 is.
    await Promise.all([topology.lb, ...topology.backends].map((one) => until(`${one.name} uses its own addresses`, async () => (await topology.run(one, ['ip', '-6', 'addr', 'show', 'tentative'])) === '')))
    const prober = startProber(programs, topology.lb)
    return {
      ...lab,
      programs,
      prober,
      machine,
      rip,
      prepare: async (name, list, mode = '--apply') => {
        for (const family of ['ipv4', 'ipv6'] as const) {
          const own = list.filter((vip) => familyOf(vip) === family)
          if (own.length === 0) continue
          const file = join(topology.folder, `${name}-${family}.sh`)
          await writeFile(file, linuxScript({ vips: own, address: rip(name, own[0] ?? '') }))
          await topology.run(machine(name), ['env', `TANGENT_BACKEND_STATE=${join(topology.folder, `prepared-${name}`)}`, 'sh', file, mode])
        }
      },
      through: (name, vip, monitor, port = 80) => ({
        id: `${name}/${vip}`,
        path: 'vip',
        address: vip,
        port,
        monitor: monitorSchema.parse(monitor),
        via: { interface: 'eth0', mac: machine(name).nic.mac, source: familyOf(vip) === 'ipv6' ? addressV6(lan, 2) : addressV4(lan, 2) },
      }),
      own: (name, like, monitor, port = 80) => ({ id: `${name}/rip`, path: 'rip', address: rip(name, like), port, monitor: monitorSchema.parse(monitor), via: null }),
      remove: async () => {
        await prober.end()
        await lab.remove()
      },
    }
  } catch (error) {
    await lab.remove()
    throw error
  }
}
