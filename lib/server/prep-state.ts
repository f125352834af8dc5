import { openPoints } from '#lib/prep/demands.ts'
import { explain } from '#lib/prep/finding.ts'
import { findingsOf } from '#lib/prep/findings.ts'
import { prepFacts, type PrepFacts } from '#lib/prep/facts.ts'
import { prepTitles } from '#lib/prep/prep.ts'
import { changedSince, checkerOf } from '#lib/prep/report.ts'
import { prepStatus, type PrepState, type Verification } from '#lib/prep/state.ts'
import { db } from './db.ts'
import { getFarm } from './farms.ts'
import { loadMachines, machineOf, prepInputOf, systemOf, type Machine } from './prep-machines.ts'

/** How far the preparation of the machine behind a backend is. */
export async function prepState(farm: string, name: string): Promise<PrepState> {
  return stateOf(await machineOf(farm, name), name)
}

/** The same for every backend of a farm, in a fixed number of queries. */
export async function farmPrepStates(name: string): Promise<{ items: PrepState[] }> {
  const { farm } = await getFarm(name)
  const machines = await loadMachines(db(), farm.backends.map(({ address }) => address))
  const items = farm.backends.flatMap((backend) => {
    const machine = machines.get(backend.address)
    return machine ? [stateOf(machine, backend.name)] : []
  })
  return { items }
}

/** What is known of a machine in words; `backend` is what the farm that asks calls it. */
export function stateOf(machine: Machine, backend: string): PrepState {
  const system = systemOf(machine)
  const facts = prepFacts(prepInputOf(machine, system, []))
  const common = { backend, address: machine.address, system }
  if ('refusal' in facts) return { ...common, farms: [], status: prepStatus(false, null), reason: facts.refusal, verification: null }
  const verification = verificationOf(machine, facts)
  const farms = machine.places.map(({ farm }) => farm).filter(({ mode }) => mode === 'dsr')
  return { ...common, farms: farms.map(({ name }) => name), status: prepStatus(true, verification), reason: null, verification }
}

function verificationOf({ chosen, received }: Machine, facts: PrepFacts): Verification | null {
  // What was prepared in a way that nothing can report on would ask for another check for ever.
  if (!received || (chosen !== null && checkerOf(chosen) === null)) return null
  const { report, at, by } = received
  const findings = findingsOf(report.system)
  const passed = report.items.every(({ verdict }) => verdict !== 'fail')
  const { missing, unsure } = openPoints(report)
  const other = chosen !== null && checkerOf(chosen) !== report.system
  return {
    receivedAt: at.toISOString(),
    checkedAt: report.checkedAt,
    by,
    system: report.system,
    passed,
    open: passed ? [...missing, ...unsure.map((item) => explain(findings, item).text)] : [],
    items: report.items.map((item) => explain(findings, item)),
    changes: [...changedSince(report, facts), ...(other ? [`${prepTitles[chosen]} was chosen.`] : [])],
  }
}
