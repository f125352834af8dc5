import { checkFarm } from '#lib/domain/check.ts'
import type { Surroundings } from '#lib/domain/draft.ts'
import type { Farm } from '#lib/domain/farm.ts'
import type { Problem } from '#lib/domain/problem.ts'
import type { Actor } from './actor.ts'
import { recordAudit } from './audit.ts'
import { db, type Tx } from './db.ts'
import { checkExistence, checkVersion, etagOf, type Current, type Preconditions } from './etag.ts'
import { loadFarm, type StoredFarm } from './farm-rows.ts'
import { writeFarm } from './farm-writes.ts'
import { currentGeneration } from './generation.ts'
import { interfacesNow } from './interfaces.ts'
import { invalid, Refusal } from './refusal.ts'
import { rivalsOf } from './rivals.ts'

/** One change of one farm, as a verb describes it. */
export type Change = {
  actor: Actor
  action: string
  /** The farm that changes, and what the audit calls the target, such as web or web/web1. */
  farm: string
  target: string
  preconditions: Preconditions
  /** The resource inside the farm that the request is about; null when it does not exist. By default the farm itself. */
  resource?: (stored: StoredFarm) => Current
  /** The farm as the client wants it, not checked yet; null removes it. */
  edit: (stored: StoredFarm | null) => unknown
  /** Moves a pointer into the farm to the client's own body. */
  relocate?: (pointer: string) => string
  /** False for a change that no rule about the network can forbid, such as draining: it must also work on a broken one. */
  checksNetwork?: boolean
}

export type Saved = { before: Farm | null; after: Farm | null; etag: string | null; generation: number; base: number; changed: boolean; created: boolean }

/**
 * Checks and saves a change in one transaction: rows, revision and audit entry together or not at all. A dry run does the same
 * checks and writes nothing. Refuses with every problem at once. What is the same already makes no revision.
 */
export async function save(change: Change, dryRun: boolean): Promise<Saved> {
  const interfaces = change.checksNetwork === false ? null : await interfacesNow()
  return db().$transaction(async (tx) => {
    const stored = await loadFarm(tx, change.farm)
    const current = stored ? currentOf(change, stored) : null
    const input = change.edit(stored)
    checkExistence(change.preconditions, current)
    const { farm: after, problems } = input === null ? { farm: null, problems: [] } : await check(tx, change, input, interfaces)
    const base = await currentGeneration(tx)
    const before = stored?.farm ?? null
    if (problems.length === 0 && after && JSON.stringify(before) === JSON.stringify(after)) {
      return { before, after, etag: current?.etag ?? null, generation: base, base, changed: false, created: false }
    }
    checkVersion(change.preconditions, current)
    if (problems.length > 0) throw invalid(problems.map((problem) => ({ ...problem, pointer: change.relocate?.(problem.pointer) ?? problem.pointer })))
    const saved = { before, after, etag: null, generation: base + 1, base, changed: true, created: current === null }
    return dryRun ? saved : { ...saved, etag: await write(tx, change, stored, after, saved.generation) }
  })
}

function currentOf(change: Change, stored: StoredFarm): Current {
  return change.resource ? change.resource(stored) : { resource: stored.farm, etag: etagOf(stored.generation) }
}

async function check(tx: Tx, change: Change, input: unknown, interfaces: Surroundings['interfaces']): Promise<{ farm: Farm | null; problems: Problem[] }> {
  const named = typeof input === 'object' && input !== null && !Array.isArray(input) ? { name: change.farm, ...input } : input
  const checked = checkFarm(named, { others: change.checksNetwork === false ? [] : await rivalsOf(tx, change.farm, named), interfaces })
  const name: unknown = typeof named === 'object' && named !== null ? Reflect.get(named, 'name') : undefined
  if (name === undefined || name === change.farm) return checked
  const mismatch = { pointer: '/name', code: 'name-fixed', message: `The address of this request says ${change.farm}.`, hint: 'A name cannot be changed: create a new one and delete the old one.' }
  return { farm: null, problems: [mismatch, ...checked.problems] }
}

/** Writes the rows, the revision and the audit entry; answers the ETag of the resource afterwards. */
async function write(tx: Tx, change: Change, stored: StoredFarm | null, after: Farm | null, generation: number): Promise<string | null> {
  const before = stored?.farm ?? null
  await writeFarm(tx, stored, after, generation)
  const comment = `${change.action} ${change.target}`
  await tx.revision.create({ data: { generation, at: new Date(), actor: change.actor.name, comment, changes: JSON.stringify([{ farm: change.farm, before, after }]) } })
  await recordAudit(tx, change.actor, { action: change.action, target: change.target, generation, before, after })
  return after ? etagOf(generation) : null
}

/** Refuses when the farm does not exist. */
export function existing(stored: StoredFarm | null, name: string): StoredFarm {
  if (!stored) throw new Refusal('not-found', `There is no farm ${name}.`)
  return stored
}
