import { z } from 'zod'
import type { ZodOpenApiPathsObject } from 'zod-openapi'
import { backendSchema, farmSchema } from '#lib/domain/farm.ts'
import { changeReplySchema, dryRunReplySchema, eventSchema, farmHealthSchema } from '#lib/domain/replies.ts'
import { farmStatsSchema } from '#lib/domain/stats.ts'
import { farmStatusSchema } from '#lib/domain/status.ts'
import { adminStateBodySchema } from './admin-state.ts'
import { answer, backendPath, body, changeHeader, dryRunQuery, etagHeader, farmPath, patchBody, refused, scoped } from './openapi-parts.ts'
import { farmEventPageSchema, namePageSchema, pageOf } from './page.ts'

const changed = answer('Saved, and what became of it. With dryRun: what would happen.', z.union([changeReplySchema, dryRunReplySchema]), etagHeader)
const changes = { '200': changed, ...refused(400, 404, 412, 422, 428) }
const puts = { '200': changed, '201': answer('Created.', changeReplySchema, etagHeader), ...refused(400, 412, 413, 415, 422, 428) }
const ofFarm = { path: farmPath, query: dryRunQuery, header: changeHeader }
const ofBackend = { path: backendPath, query: dryRunQuery, header: changeHeader }
const nftlbSchema = z.object({ farms: z.array(z.record(z.string(), z.unknown())), notes: z.array(z.string()).describe('What nftlb does otherwise than this farm.') })

/** The paths below /farms, but for the preparation of backends. */
export const farmPaths: ZodOpenApiPathsObject = {
  '/farms': {
    get: scoped('read', { summary: 'List farms by name', requestParams: { query: namePageSchema }, responses: { '200': answer('One page.', pageOf(farmSchema)) } }),
  },
  '/farms/{farm}': {
    get: scoped('read', { summary: 'Read a farm', requestParams: { path: farmPath }, responses: { '200': answer('The farm.', farmSchema, etagHeader), ...refused(404) } }),
    put: scoped('write', { summary: 'Create or replace a farm', requestParams: ofFarm, requestBody: body(farmSchema), responses: puts }),
    patch: scoped('write', { summary: 'Change fields of a farm (JSON Merge Patch)', requestParams: ofFarm, requestBody: patchBody('Fields of a farm.'), responses: changes }),
    delete: scoped('write', { summary: 'Delete a farm', requestParams: ofFarm, responses: changes }),
  },
  '/farms/{farm}/backends': {
    get: scoped('read', { summary: 'List the backends of a farm', requestParams: { path: farmPath }, responses: { '200': answer('All of them.', z.object({ items: z.array(backendSchema) }), etagHeader), ...refused(404) } }),
  },
  '/farms/{farm}/backends/{backend}': {
    get: scoped('read', { summary: "Read a backend, with the farm's ETag", requestParams: { path: backendPath }, responses: { '200': answer('The backend.', backendSchema, etagHeader), ...refused(404) } }),
    put: scoped('write', { summary: 'Create or replace a backend', requestParams: ofBackend, requestBody: body(backendSchema), responses: { ...puts, ...refused(404) } }),
    patch: scoped('write', { summary: 'Change fields of a backend (JSON Merge Patch)', requestParams: ofBackend, requestBody: patchBody('Fields of a backend.'), responses: changes }),
    delete: scoped('write', { summary: 'Delete a backend', requestParams: ofBackend, responses: changes }),
  },
  '/farms/{farm}/backends/{backend}/admin-state': {
    get: scoped('read', { summary: 'Read the admin state, with an ETag of its own', requestParams: { path: backendPath }, responses: { '200': answer('The admin state.', adminStateBodySchema, etagHeader), ...refused(404) } }),
    put: scoped('operate', { summary: 'Enable, drain or disable a backend', requestParams: ofBackend, requestBody: body(adminStateBodySchema), responses: { ...changes, ...refused(413, 415) } }),
  },
  '/farms/{farm}/status': {
    get: scoped('read', { summary: 'Status of a farm and its backends', requestParams: { path: farmPath }, responses: { '200': answer('The status.', farmStatusSchema), ...refused(404) } }),
  },
  '/farms/{farm}/health': {
    get: scoped('read', { summary: 'Health of the backends of a farm, with the last results of their probes', requestParams: { path: farmPath }, responses: { '200': answer('The health.', farmHealthSchema), ...refused(404) } }),
  },
  '/farms/{farm}/events': {
    get: scoped('read', { summary: 'Backends of a farm that became unhealthy or are it no longer, newest first', requestParams: { path: farmPath, query: farmEventPageSchema }, responses: { '200': answer('One page of the last 30 days.', pageOf(eventSchema)), ...refused(404) } }),
  },
  '/farms/{farm}/stats': {
    get: scoped('read', { summary: 'Traffic of a farm and its backends, now and in the last 24 hours', requestParams: { path: farmPath }, responses: { '200': answer('From clients to backends; replies are not counted.', farmStatsSchema), ...refused(404) } }),
  },
  '/farms/{farm}/nftlb': {
    get: scoped('read', { summary: 'The farm as JSON for a stock nftlb', requestParams: { path: farmPath }, responses: { '200': answer('nftlb takes an object with `farms` alone.', nftlbSchema), ...refused(404) } }),
  },
  '/farms/{farm}/ruleset': {
    get: scoped('read', { summary: "The kernel's rules of the farm", requestParams: { path: farmPath }, responses: { '200': answer('As nft prints them.', z.object({ text: z.string() })), ...refused(404, 503) } }),
  },
}
