import { hasDefaultMonitor, type Farm } from '#lib/domain/farm.ts'
import type { Actor } from './actor.ts'
import { change } from './change-reply.ts'
import { db } from './db.ts'
import { etagOf, type Preconditions } from './etag.ts'
import { fromRows, loadFarm, sortKeyOf, type StoredFarm } from './farm-rows.ts'
import { isObject, mergePatch } from './merge-patch.ts'
import { cutPage, type Page, type PageRequest } from './page.ts'
import { existing } from './save.ts'

/** What every change of a farm or of a part of it comes with. */
export type ChangeRequest = { actor: Actor; preconditions: Preconditions; dryRun: boolean }

/** Farms in the order of their names. */
export async function listFarms({ limit, cursor }: PageRequest<string>): Promise<Page<Farm>> {
  const where = cursor === null ? {} : { sortKey: { gt: sortKeyOf(cursor) } }
  const rows = await db().farm.findMany({ where, orderBy: { sortKey: 'asc' }, take: limit + 1, include: { backends: true } })
  return cutPage(rows, limit, (row) => row.name, ({ backends, ...row }) => fromRows(row, backends))
}

/** The farm of that name and its version; refuses when there is none. */
export async function getFarm(name: string): Promise<StoredFarm & { etag: string }> {
  const stored = existing(await loadFarm(db(), name), name)
  return { ...stored, etag: etagOf(stored.generation) }
}

/** Creates or replaces a farm. */
export function putFarm(name: string, input: unknown, { dryRun, ...request }: ChangeRequest): Promise<Response> {
  // A body of null must not look like a removal.
  return change({ ...request, action: 'farm.put', farm: name, target: name, edit: (stored) => keepSlots(stored, input) ?? undefined }, dryRun)
}

/** A body without the size of the Maglev table keeps the one that there is: another one moves connections. */
function keepSlots(stored: StoredFarm | null, input: unknown): unknown {
  return stored && isObject(input) ? { slots: stored.farm.slots, ...input } : input
}

/** Changes some fields of a farm (RFC 7396). */
export function patchFarm(name: string, patch: unknown, { dryRun, ...request }: ChangeRequest): Promise<Response> {
  return change({ ...request, action: 'farm.patch', farm: name, target: name, edit: (stored) => patched(existing(stored, name).farm, patch) ?? undefined }, dryRun)
}

/** A default monitor follows mode, protocol and ports, unless the patch names one; null in the patch means none, and not the default. */
function patched(farm: Farm, patch: unknown): unknown {
  const result = mergePatch(farm, patch)
  if (!isObject(result)) return result
  if (isObject(patch) && Object.hasOwn(patch, 'monitor')) return { monitor: null, ...result }
  return hasDefaultMonitor(farm) ? { ...result, monitor: undefined } : result
}

/** Deletes a farm with its backends. */
export function deleteFarm(name: string, { dryRun, ...request }: ChangeRequest): Promise<Response> {
  const edit = (stored: StoredFarm | null): null => {
    existing(stored, name)
    return null
  }
  return change({ ...request, action: 'farm.delete', farm: name, target: name, edit }, dryRun)
}
