import type { DoctorRun, DoctorScope } from '#lib/domain/doctor/run.ts'
import type { DoctorRun as RunRow } from '#prisma/generated/client.ts'
import type { Actor } from './actor.ts'
import { recordAudit } from './audit.ts'
import { getBackend } from './backends.ts'
import { db, type Tx } from './db.ts'
import { liveRuns } from './doctor-live.ts'
import { workThrough } from './doctor-work.ts'
import { getFarm } from './farms.ts'
import { cutPage, type Page, type PageRequest } from './page.ts'
import { invalid, Refusal } from './refusal.ts'

/** What is kept: so many runs, and of these the newest with so many backends in all, some 2 kB each. The newest run always stays. */
const keptRuns = 100
const keptBackends = 50_000

/** Runs, newest first. */
export async function listRuns({ limit, cursor }: PageRequest<number>): Promise<Page<DoctorRun>> {
  const rows = await db().doctorRun.findMany({ where: cursor === null ? {} : { id: { lt: cursor } }, orderBy: { id: 'desc' }, take: limit + 1 })
  return cutPage(rows, limit, ({ id }) => String(id), runOf)
}

/**
 * Starts to examine what the scope says and answers at once. `actor` is null for the schedule, which the audit does not list.
 * Refuses what does not exist, and a scope that is being examined already.
 */
export async function startRun(scope: DoctorScope, actor: Actor | null): Promise<DoctorRun> {
  const farms = await farmsOf(scope)
  const live = { waiting: new Set(farms), stop: new AbortController(), ended: Promise.resolve() }
  let id: number | null = null
  try {
    const row = await db().$transaction(async (tx) => {
      const made = await createRun(tx, scope, farms.length, actor)
      id = made.id
      // Before the commit: from then on a run that nobody works at counts as interrupted.
      liveRuns().set(made.id, live)
      return made
    })
    live.ended = workThrough(row.id, farms, scope.backend, live)
    return runOf(row)
  } catch (error) {
    if (id !== null) liveRuns().delete(id)
    throw error
  }
}

async function createRun(tx: Tx, scope: DoctorScope, total: number, actor: Actor | null): Promise<RunRow> {
  const where = { farmName: scope.farm, backend: scope.backend }
  const same = await tx.doctorRun.findFirst({ where: { ...where, endedAt: null, id: { in: [...liveRuns().keys()] } } })
  if (same) throw new Refusal('under-way', `Run ${same.id} examines the same and has not ended yet. Wait for it, or look at what it found so far.`, { current: { resource: runOf(same), etag: null } })
  const row = await tx.doctorRun.create({ data: { ...where, startedAt: new Date(), actor: actor?.name ?? 'schedule', total } })
  if (actor) await recordAudit(tx, actor, { action: 'doctor.start', target: targetOf(scope), generation: null, before: null, after: { run: row.id } })
  return row
}

/** The names of the farms to examine. */
async function farmsOf({ farm, backend }: DoctorScope): Promise<string[]> {
  if (farm === null) {
    if (backend !== null) throw invalid([{ pointer: '/farm', code: 'farm-needed', message: 'A backend has its name within a farm.', hint: 'Say which farm it belongs to.' }])
    return (await db().farm.findMany({ select: { name: true }, orderBy: { sortKey: 'asc' } })).map(({ name }) => name)
  }
  if (backend === null) await getFarm(farm)
  else await getBackend(farm, backend)
  return [farm]
}

/** No farm is called `*`. */
function targetOf({ farm, backend }: DoctorScope): string {
  if (farm === null) return '*'
  return backend === null ? farm : `${farm}/${backend}`
}

/** A run as the API has it. */
export function runOf(row: RunRow): DoctorRun {
  return {
    id: row.id,
    state: stateOf(row),
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    actor: row.actor,
    scope: { farm: row.farmName, backend: row.backend },
    progress: { done: row.done, total: row.total },
    counts: { backends: row.backends, healthy: row.healthy, findings: row.findings },
  }
}

/** One that ended without an answer for each farm could not write all of them down. */
function stateOf({ id, endedAt, done, total }: RunRow): DoctorRun['state'] {
  if (endedAt === null && liveRuns().has(id)) return 'running'
  return endedAt !== null && done === total ? 'done' : 'interrupted'
}

/** Deletes the oldest runs, one at a time so that nobody waits long for the database. */
export async function forgetOldRuns(): Promise<void> {
  const rows = await db().doctorRun.findMany({ select: { id: true, backends: true }, orderBy: { id: 'desc' } })
  let backends = 0
  for (const [index, row] of rows.entries()) {
    backends += row.backends
    const kept = index === 0 || liveRuns().has(row.id) || (index < keptRuns && backends <= keptBackends)
    if (!kept) await db().doctorRun.deleteMany({ where: { id: row.id } })
  }
}
