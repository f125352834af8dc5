import { diagnose, unexamined } from '#lib/domain/doctor/diagnose.ts'
import { doctorEvidenceSchema, type PreparationKnown } from '#lib/domain/doctor/evidence.ts'
import type { DoctorFarm } from '#lib/domain/doctor/run.ts'
import type { Backend } from '#lib/domain/farm.ts'
import { askAgent } from './agent.ts'
import { db } from './db.ts'
import { loadFarm } from './farm-rows.ts'
import { log } from './log.ts'
import { loadMachines } from './prep-machines.ts'
import { stateOf } from './prep-state.ts'

/** How long the agent may take for one farm, in ms: a few seconds, but minutes for one whose 256 backends are all silent. */
const patience = 300_000

/** What is wrong at a farm, or at one backend of it, by what the agent sees and what is known of the preparation. Never throws. */
export async function examine(name: string, backend: string | null, signal: AbortSignal): Promise<DoctorFarm> {
  try {
    const farm = (await loadFarm(db(), name))?.farm
    if (!farm) return untold(name, 'The farm was deleted before its turn came.')
    const backends = farm.backends.filter((one) => backend === null || one.name === backend)
    if (backend !== null && backends.length === 0) return untold(name, `Backend ${backend} was deleted before its turn came.`)
    const answer = await askAgent('POST', '/v1/doctor', doctorEvidenceSchema, patience, { farm: name, backends: backend === null ? null : [backend] }, signal)
    if (!answer.ok) return untold(name, answer.failure.message)
    // The agent may have an older version of the farm: what it saw at another address was another machine.
    const seen = answer.value.backends.filter((one) => backends.some(({ name: known, address }) => known === one.name && address === one.address))
    return diagnose(farm, { ...answer.value, backends: seen }, await preparationOf(backends))
  } catch (error) {
    if (!signal.aborted) log().error({ err: error, farm: name }, 'a farm could not be examined')
    return untold(name, 'Something went wrong in the console; its log has the reason.')
  }
}

/** What is known of the preparation of these backends, by their names. */
async function preparationOf(backends: readonly Backend[]): Promise<Map<string, PreparationKnown>> {
  const machines = await loadMachines(db(), backends.map(({ address }) => address))
  return new Map(
    backends.flatMap(({ name, address }) => {
      const machine = machines.get(address)
      if (!machine) return []
      const { status, reason, verification } = stateOf(machine, name)
      return [[name, { status, reason, receivedAt: verification?.receivedAt ?? null, items: verification?.items ?? [], open: verification?.open ?? [], changes: verification?.changes ?? [] }]]
    }),
  )
}

function untold(farm: string, trouble: string): DoctorFarm {
  return unexamined(farm, new Date().toISOString(), trouble)
}
