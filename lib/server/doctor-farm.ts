import type { DoctorRun, FarmDoctor } from '#lib/domain/doctor/run.ts'
import { db } from './db.ts'
import { liveRuns } from './doctor-live.ts'
import { foundOf } from './doctor-results.ts'
import { runOf } from './doctor-runs.ts'
import { getFarm } from './farms.ts'

/** The newest of what was found at a farm, backend by backend; refuses when there is no such farm. */
export async function farmDoctor(name: string): Promise<FarmDoctor> {
  const { farm } = await getFarm(name)
  const last = await db().doctorResult.findFirst({ where: { farmName: name }, orderBy: { id: 'desc' }, select: { runId: true, at: true, trouble: true } })
  const newest = await newestResults(name)
  const backends = farm.backends.map(({ name: backend, address }) => {
    const seen = newest.flatMap(({ run, found }) => {
      // An examination of another address was one of another machine.
      const row = found.rows.find((one) => one.backend === backend && one.address === address)
      return row ? [{ run, at: found.at, row }] : []
    })
    return { backend, seen: seen[0] ?? null }
  })
  return { farm: name, running: await runningFor(name), last: last && { run: last.runId, at: last.at.toISOString(), trouble: last.trouble }, backends, lan: newest[0]?.found.lan ?? [] }
}

/** The newest result without trouble of the whole farm and of each backend that was examined alone, newest first. */
async function newestResults(farmName: string): Promise<Array<{ run: number; found: ReturnType<typeof foundOf> }>> {
  const groups = await db().doctorResult.groupBy({ by: ['backend'], where: { farmName, trouble: null }, _max: { id: true } })
  const rows = await db().doctorResult.findMany({ where: { id: { in: groups.flatMap(({ _max }) => _max.id ?? []) } } })
  return rows.sort((a, b) => b.id - a.id).map((row) => ({ run: row.runId, found: foundOf(row) }))
}

/** The newest run under way that has yet to answer for the farm. */
async function runningFor(farm: string): Promise<DoctorRun | null> {
  const ids = [...liveRuns()].flatMap(([id, { waiting }]) => (waiting.has(farm) ? [id] : []))
  const row = ids.length === 0 ? null : await db().doctorRun.findUnique({ where: { id: Math.max(...ids) } })
  return row && runOf(row)
}
