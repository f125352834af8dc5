import { z } from 'zod'
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi'
import { interfaceSchema } from '#lib/domain/interface.ts'
import { auditEntrySchema, createdTokenSchema, eventSchema, revisionSchema, sessionSchema, systemStatusSchema, tokenSchema } from '#lib/domain/replies.ts'
import { statsSchema } from '#lib/domain/stats.ts'
import { env } from './env.ts'
import { doctorPaths } from './openapi-doctor.ts'
import { farmPaths } from './openapi-farms.ts'
import { answer, body, open, refused, scoped } from './openapi-parts.ts'
import { prepPaths } from './openapi-prep.ts'
import { numberPageSchema, pageOf } from './page.ts'
import { passwordChangeSchema, signInSchema } from './session.ts'
import { singleton } from './singleton.ts'
import { tokenRequestSchema } from './tokens.ts'

const nothing = { description: 'Done.' }
const healthSchema = z.object({ status: z.string() })

const otherPaths: ZodOpenApiPathsObject = {
  '/status': { get: scoped('read', { summary: 'Status of everything', responses: { '200': answer('The status.', systemStatusSchema) } }) },
  '/stats': { get: scoped('read', { summary: 'Traffic of all farms now', responses: { '200': answer('From clients to backends; replies are not counted.', statsSchema) } }) },
  '/interfaces': {
    get: scoped('read', { summary: "The appliance's network interfaces", responses: { '200': answer('null while the agent is away.', z.object({ items: z.array(interfaceSchema).nullable() })) } }),
  },
  '/events': { get: scoped('read', { summary: 'Backends that became unhealthy or are it no longer, newest first', requestParams: { query: numberPageSchema }, responses: { '200': answer('One page of the last 30 days.', pageOf(eventSchema)) } }) },
  '/revisions': { get: scoped('read', { summary: 'Saved generations, newest first', requestParams: { query: numberPageSchema }, responses: { '200': answer('One page.', pageOf(revisionSchema)) } }) },
  '/audit': { get: scoped('read', { summary: 'Who changed what, newest first', requestParams: { query: numberPageSchema }, responses: { '200': answer('One page.', pageOf(auditEntrySchema)) } }) },
  '/tokens': {
    get: scoped('admin', { summary: 'List tokens', responses: { '200': answer('All of them, without their secret.', z.object({ items: z.array(tokenSchema) })) } }),
    post: scoped('admin', { summary: 'Make a token', requestBody: body(tokenRequestSchema), responses: { '201': answer('The token, shown this one time.', createdTokenSchema), ...refused(409, 413, 415, 422) } }),
  },
  '/tokens/{name}': { delete: scoped('admin', { summary: 'Delete a token', requestParams: { path: z.object({ name: z.string() }) }, responses: { '204': nothing, ...refused(404) } }) },
  '/session': {
    get: open({ summary: 'Who is signed in', responses: { '200': answer('The session.', sessionSchema) } }),
    post: open({ summary: 'Sign in', requestBody: body(signInSchema), responses: { '200': answer('Signed in, with a cookie.', sessionSchema), ...refused(401, 403, 413, 415, 422, 429) } }),
    delete: open({ summary: 'Sign out', responses: { '204': nothing, ...refused(403) } }),
  },
  '/session/password': { put: { summary: 'Change your password', requestBody: body(passwordChangeSchema), responses: { '204': nothing, ...refused(401, 403, 413, 415, 422, 429) } } },
  '/openapi.json': { get: open({ summary: 'This document', responses: { '200': answer('OpenAPI 3.1.', z.record(z.string(), z.unknown())) } }) },
  '/healthz': { get: open({ summary: 'The console runs', responses: { '200': answer('It does.', healthSchema) } }) },
  '/readyz': { get: open({ summary: 'The console can serve', responses: { '200': answer('It can.', healthSchema), ...refused(503) } }) },
}

/** The OpenAPI 3.1 document, made of the schemas that the routes validate with. */
export function openapi(): ReturnType<typeof createDocument> {
  return singleton('openapi', () =>
    createDocument({
      openapi: '3.1.0',
      info: { title: 'Tangent', version: '1', description: 'Load balancing by Direct Server Return. A change waits at most 5 seconds for the kernel; `pending` says whether it is still on its way.' },
      servers: [{ url: '/api/v1' }],
      security: [{ token: [] }, { session: [] }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'Made by "npm run token" or POST /tokens.' },
          session: { type: 'apiKey', in: 'cookie', name: `tangent-${env().port}.session_token`, description: 'Set by POST /session. A change then needs an Origin of the console.' },
        },
      },
      paths: { ...farmPaths, ...prepPaths, ...doctorPaths, ...otherPaths },
    }),
  )
}
