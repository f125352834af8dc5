import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkFarm } from '#lib/domain/check.ts'
import { diagnose } from '#lib/domain/doctor/diagnose.ts'
import { doctorEvidenceSchema, type DoctorEvidence, type PreparationKnown } from '#lib/domain/doctor/evidence.ts'
import type { DoctorFarm } from '#lib/domain/doctor/run.ts'
import type { Farm, FarmInput } from '#lib/domain/farm.ts'
import { explain } from '#lib/prep/finding.ts'
import { findingsOf } from '#lib/prep/findings.ts'
import { reportSchema } from '#lib/prep/report.ts'
import { startAnswerer } from './answerer.ts'
import { command } from './command.ts'
import { createLab, type Lab } from './lab.ts'
import { startLoneAgent, type LoneAgent } from './lone-agent.ts'
import { linuxScript } from './prep-script.ts'
import { addressV4, addressV6, backendHost, lan, type Machine } from './topology.ts'

/** Prepared backends behind an agent without a console; the diagnosis is made here, of the agent's evidence. */
export type DoctorSite = Lab & {
  agent: LoneAgent
  machine: (name: string) => Machine
  /** A farm as the agent gets it, with these backends by their names unless it has its own. */
  farm: (input: Omit<FarmInput, 'backends'> & { backends?: FarmInput['backends'] }, names?: readonly string[]) => Farm
  /** Gives the agent these farms and no others, and waits until they are in the kernel. */
  put: (...farms: Farm[]) => Promise<void>
  /** Runs a line of a shell on a machine. */
  sh: (machine: Machine, line: string) => Promise<string>
  /** Prepares a backend, or checks it as its operator would, for one family. */
  prepare: (name: string, vip: string) => Promise<void>
  checked: (name: string, vip: string) => Promise<PreparationKnown>
  /** Lets the service of a backend listen at these places only: PORT or ADDRESS/PORT. */
  serve: (name: string, places: ReadonlyArray<number | `${string}/${number}`>) => Promise<void>
  examine: (farm: Farm, backends?: readonly string[]) => Promise<DoctorEvidence>
  /** Examination and diagnosis together. */
  visit: (farm: Farm, known?: ReadonlyMap<string, PreparationKnown>) => Promise<DoctorFarm>
}

/** The address of the n-th backend, of the family of a VIP. */
export function ripOf(index: number, vip: string): string {
  return vip.includes(':') ? addressV6(lan, backendHost(index)) : addressV4(lan, backendHost(index))
}

export async function openDoctorSite(names: readonly string[], ports: readonly number[]): Promise<DoctorSite> {
  const lab = await createLab({ backends: names, ports })
  const { topology } = lab
  try {
    const agent = await startLoneAgent(topology.lb, topology.folder)
    const wanted = ports.map(String)
    let generation = 0
    const machine = (name: string): Machine => {
      const found = topology.backends.find((one) => one.name === name)
      if (!found) throw new Error(`There is no backend ${name}.`)
      return found
    }
    const sh: DoctorSite['sh'] = (where, line) => topology.run(where, ['sh', '-ec', line])
    const script = async (name: string, vip: string, ...args: string[]): Promise<string> => {
      const file = join(topology.folder, `${name}-${vip.includes(':') ? 'six' : 'four'}.sh`)
      await writeFile(file, linuxScript({ vips: [vip], address: ripOf(names.indexOf(name), vip), ports: wanted, appliances: [vip.includes(':') ? addressV6(lan, 2) : addressV4(lan, 2)] }))
      return sh(machine(name), `TANGENT_BACKEND_STATE=${join(topology.folder, `prepared-${name}`)} sh ${file} ${args.join(' ')}`)
    }
    const examine: DoctorSite['examine'] = async ({ name }, backends) => {
      const { status, text } = await agent.socket.call('POST', '/v1/doctor', { farm: name, backends: backends ?? null })
      if (status !== 200) throw new Error(`The agent answered ${status}: ${text}`)
      return doctorEvidenceSchema.parse(JSON.parse(text))
    }
    return {
      ...lab,
      agent,
      machine,
      sh,
      examine,
      visit: async (farm, known = new Map()) => diagnose(farm, await examine(farm), known),
      farm: (input, chosen = names) => {
        const checked = checkFarm({ ports: wanted, backends: chosen.map((name) => ({ name, address: ripOf(names.indexOf(name), input.vip) })), ...input }, { others: [], interfaces: null })
        if (!checked.farm) throw new Error(JSON.stringify(checked.problems))
        return checked.farm
      },
      put: async (...farms) => {
        await agent.socket.put({ generation: (generation += 1), farms })
        await agent.applied()
      },
      prepare: async (name, vip) => void (await script(name, vip, '--apply', '--no-persist')),
      checked: async (name, vip) => {
        const report = reportSchema.parse(JSON.parse(await script(name, vip, '--check', '--json', '|| true')))
        const items = report.items.map((item) => explain(findingsOf(report.system), item))
        const failed = items.some(({ verdict }) => verdict === 'fail')
        return { status: failed ? 'failed' : 'verified', reason: null, receivedAt: new Date().toISOString(), items, open: [], changes: [] }
      },
      serve: async (name, places) => {
        for (const pid of (await command(['ip', 'netns', 'pids', machine(name).namespace])).split('\n').filter(Boolean)) {
          const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
          if (line.includes('answerer.mjs')) process.kill(Number(pid), 'SIGKILL')
        }
        if (places.length > 0) await startAnswerer(join(topology.folder, 'programs'), machine(name), places)
      },
      remove: async () => {
        await agent.end('SIGTERM')
        await lab.remove()
      },
    }
  } catch (error) {
    await lab.remove()
    throw error
  }
}
