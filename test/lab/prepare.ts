import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrepSystem } from '#lib/prep/prep.ts'
import type { Appliance } from './appliance.ts'
import { command } from './command.ts'
import type { Machine, Topology } from './topology.ts'

/** Fetches a backend's script with curl from the REST API, as a person would, and runs it on that backend. Answers its output. */
export async function prepareBackend(appliance: Appliance, topology: Topology, farm: string, backend: Machine, mode: '--apply' | '--check' | '--undo' = '--apply', system: PrepSystem = 'linux'): Promise<string> {
  const url = `${appliance.url}/api/v1/farms/${farm}/backends/${backend.name}/prep?system=${system}`
  const file = join(topology.folder, `${farm}-${backend.name}.sh`)
  await writeFile(file, await command(['curl', '-fsS', '-H', `Authorization: Bearer ${appliance.token}`, url]))
  return topology.run(backend, ['env', `TANGENT_BACKEND_STATE=${join(topology.folder, `prepared-${backend.name}`)}`, 'sh', file, mode])
}
