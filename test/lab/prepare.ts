import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrepSystem } from '#lib/prep/prep.ts'
import type { Appliance } from './appliance.ts'
import { command } from './command.ts'
import type { Machine, Topology } from './topology.ts'

/** Fetches a backend's script with curl from the REST API, as a person would, and runs it on that backend. Answers its output. */
export async function prepareBackend(appliance: Appliance, topology: Topology, farm: string, backend: Machine, mode: '--apply' | '--check' | '--undo' = '--apply', system: PrepSystem = 'linux'): Promise<string> {
  const url = `${appliance.url}/api/v1/farms/${farm}/backends/${backend.name}/prep?system=${system}`
  await writeFile(scriptFile(topology, farm, backend), await command(['curl', '-fsS', '-H', `Authorization: Bearer ${appliance.token}`, url]))
  return runScript(topology, farm, backend, [mode])
}

/** Checks a backend with the script that prepared it, and hands the output in as if it were pasted. */
export async function reportBackend(appliance: Appliance, topology: Topology, farm: string, backend: Machine): Promise<void> {
  const report: unknown = JSON.parse(await runScript(topology, farm, backend, ['--check', '--json']))
  const { status, body } = await appliance.api.call('POST', `/farms/${farm}/backends/${backend.name}/prep/report`, report)
  if (status !== 200) throw new Error(`The report of ${backend.name} was answered with ${status}: ${JSON.stringify(body)}`)
}

function scriptFile({ folder }: Topology, farm: string, { name }: Machine): string {
  return join(folder, `${farm}-${name}.sh`)
}

function runScript(topology: Topology, farm: string, backend: Machine, args: readonly string[]): Promise<string> {
  return topology.run(backend, ['env', `TANGENT_BACKEND_STATE=${join(topology.folder, `prepared-${backend.name}`)}`, 'sh', scriptFile(topology, farm, backend), ...args])
}
