import type { Backend, Farm } from '#lib/domain/farm.ts'
import { change } from './change-reply.ts'
import { etagOf } from './etag.ts'
import { getFarm, type ChangeRequest } from './farms.ts'
import type { StoredFarm } from './farm-rows.ts'
import { mergePatch } from './merge-patch.ts'
import { invalid, Refusal } from './refusal.ts'
import { existing, type Change } from './save.ts'

/** A backend and the version of its farm; refuses when there is none. */
export async function getBackend(farm: string, name: string): Promise<{ farm: Farm; backend: Backend; etag: string; adminStateEtag: string }> {
  const stored = await getFarm(farm)
  const backend = backendOf(stored.farm, name)
  return { farm: stored.farm, backend, etag: stored.etag, adminStateEtag: adminStateEtag(stored, name) }
}

/** Creates or replaces a backend of a farm. */
export function putBackend(farm: string, name: string, input: unknown, { dryRun, ...request }: ChangeRequest): Promise<Response> {
  return change({ ...request, ...aboutBackend(farm, name), action: 'backend.put', edit: (stored) => withBackend(existing(stored, farm).farm, name, input) }, dryRun)
}

/** Changes some fields of a backend (RFC 7396). */
export function patchBackend(farm: string, name: string, patch: unknown, { dryRun, ...request }: ChangeRequest): Promise<Response> {
  const edit = (stored: StoredFarm | null): unknown => {
    const { farm: before } = existing(stored, farm)
    return withBackend(before, name, mergePatch(backendOf(before, name), patch))
  }
  return change({ ...request, ...aboutBackend(farm, name), action: 'backend.patch', edit }, dryRun)
}

/** Takes a backend out of its farm. */
export function deleteBackend(farm: string, name: string, { dryRun, ...request }: ChangeRequest): Promise<Response> {
  const edit = (stored: StoredFarm | null): unknown => {
    const { farm: before } = existing(stored, farm)
    backendOf(before, name)
    return { ...before, backends: others(before, name) }
  }
  return change({ ...request, ...aboutBackend(farm, name), action: 'backend.delete', edit }, dryRun)
}

/** The backend of that name; refuses when there is none. */
export function backendOf(farm: Farm, name: string): Backend {
  const backend = farm.backends.find((one) => one.name === name)
  if (!backend) throw new Refusal('not-found', `Farm ${farm.name} has no backend ${name}.`)
  return backend
}

/** Entity tag of a backend's admin state: it stays when something else of the farm changes. */
export function adminStateEtag({ adminStateGenerations, generation }: StoredFarm, name: string): string {
  return etagOf(adminStateGenerations.get(name) ?? generation)
}

/** The backend goes first into the list, so that the pointers of its problems are known; the schema sorts it in. */
function withBackend(farm: Farm, name: string, input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalid([{ pointer: '', code: 'type-invalid', message: 'A backend is a JSON object.', hint: 'Send an object like {"name": "web1", "address": "203.0.113.21"}.' }])
  }
  const given: unknown = Reflect.get(input, 'name')
  if (given !== undefined && given !== name) {
    throw invalid([{ pointer: '/name', code: 'name-fixed', message: `The address of this request says ${name}.`, hint: 'A name cannot be changed: create a new one and delete the old one.' }])
  }
  return { ...farm, backends: [{ name, ...input }, ...others(farm, name)] }
}

function others(farm: Farm, name: string): Backend[] {
  return farm.backends.filter((backend) => backend.name !== name)
}

function aboutBackend(farm: string, name: string): Pick<Change, 'farm' | 'target' | 'resource' | 'relocate'> {
  return {
    farm,
    target: `${farm}/${name}`,
    resource: (stored) => {
      const backend = stored.farm.backends.find((one) => one.name === name)
      return backend ? { resource: backend, etag: etagOf(stored.generation) } : null
    },
    relocate: (pointer) => (pointer.startsWith('/backends/0') ? pointer.slice('/backends/0'.length) : ''),
  }
}
