import type { DoctorFarm } from '#lib/domain/doctor/run.ts'
import { db } from './db.ts'
import { examine } from './doctor-examine.ts'
import { liveRuns, type LiveRun } from './doctor-live.ts'
import { log } from './log.ts'
import { singleton } from './singleton.ts'

/** How many farms are examined at once by all runs together: other questions to the agent must not wait for these. */
const atOnce = 4

type Turns = { free: number; waiting: Array<() => void> }

/** Examines farm after farm and keeps each result at once. Never throws: what goes wrong at one farm is told there and the run goes on. */
export async function workThrough(run: number, farms: readonly string[], backend: string | null, live: LiveRun): Promise<void> {
  const { signal } = live.stop
  const rest = farms.values()
  const worker = async (): Promise<void> => {
    for (const farm of rest) {
      const found = await inTurn(() => examine(farm, backend, signal))
      if (signal.aborted) return
      await keep(run, backend, found).catch(report(run))
      live.waiting.delete(farm)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, farms.length) }, worker))
  if (!signal.aborted) await db().doctorRun.update({ where: { id: run }, data: { endedAt: new Date() } }).catch(report(run))
  liveRuns().delete(run)
}

/** Waits until fewer farms are examined than may be, first come first served. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turns = singleton<Turns>('doctor-turns', () => ({ free: atOnce, waiting: [] }))
  if (turns.free > 0) turns.free--
  else await new Promise<void>((resolve) => turns.waiting.push(resolve))
  try {
    return await work()
  } finally {
    const next = turns.waiting.shift()
    if (next) next()
    else turns.free++
  }
}

/** Writes down what was found, and counts it in. */
async function keep(runId: number, backend: string | null, found: DoctorFarm): Promise<void> {
  const { farm, at, trouble, rows, lan } = found
  const healthy = rows.filter(({ findings }) => findings.length === 0).length
  const findings = rows.reduce((sum, row) => sum + row.findings.length, lan.length)
  const counts = { done: { increment: 1 }, backends: { increment: rows.length }, healthy: { increment: healthy }, findings: { increment: findings } }
  await db().$transaction([
    db().doctorResult.create({ data: { runId, farmName: farm, backend, at: new Date(at), trouble, found: JSON.stringify(found) } }),
    db().doctorRun.update({ where: { id: runId }, data: counts }),
  ])
}

function report(run: number): (error: unknown) => void {
  return (error) => log().error({ err: error, run }, 'a result of the doctor could not be kept')
}
