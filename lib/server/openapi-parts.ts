import { z } from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi'
import { problemDetailsSchema, type TokenScope } from '#lib/domain/replies.ts'

export const etagHeader = z.object({ etag: z.string().describe('Strong entity tag of this version.') })
export const farmPath = z.object({ farm: z.string().describe('Name of the farm.') })
export const backendPath = farmPath.extend({ backend: z.string().describe('Name of the backend.') })
export const dryRunQuery = z.object({ dryRun: z.enum(['true', 'false']).optional().describe('true: all checks, nothing is saved, the answer has the plan.') })
export const changeHeader = z.object({
  'if-match': z.string().optional().describe('The ETag that you read, or *. Needed to change what exists.'),
  'if-none-match': z.literal('*').optional().describe('Create only, never replace.'),
})

/** An answer with a JSON body. */
export function answer(description: string, schema: z.ZodType, headers?: z.ZodObject): ZodOpenApiResponseObject {
  return { description, ...(headers ? { headers } : {}), content: { 'application/json': { schema } } }
}

/** A JSON body; patches may also be sent as application/merge-patch+json. */
export function body(schema: z.ZodType): NonNullable<ZodOpenApiOperationObject['requestBody']> {
  return { required: true, content: { 'application/json': { schema } } }
}

export function patchBody(description: string): NonNullable<ZodOpenApiOperationObject['requestBody']> {
  const schema = z.record(z.string(), z.unknown()).describe(description)
  return { required: true, content: { 'application/merge-patch+json': { schema }, 'application/json': { schema } } }
}

const reasons: Record<string, string> = {
  400: 'The request cannot be read.',
  401: 'Not signed in, or the token is unknown or expired.',
  403: 'The scope is too small, the request came from another site, or the one-time password must be changed first.',
  404: 'There is no such resource.',
  409: 'The name is taken, or it is under way already and `current` has it.',
  412: 'It was changed meanwhile, or exists already; `current` has it as it is now.',
  413: 'The body is too large; `detail` says how large it may be.',
  415: 'The body is of a type that is not taken here.',
  422: 'The input is not valid; `errors` has every problem.',
  428: 'If-Match is missing; `current` has the resource as it is now.',
  429: 'Too many failed sign-ins; Retry-After says when to try again.',
  503: 'The agent or the database does not answer.',
}

/** The refusals with these statuses, all as problem details. */
export function refused(...statuses: number[]): Record<string, ZodOpenApiResponseObject> {
  return Object.fromEntries(
    statuses.map((status) => [String(status), { description: reasons[status] ?? 'Refused.', content: { 'application/problem+json': { schema: problemDetailsSchema } } }]),
  )
}

/** An operation for whoever has the scope. */
export function scoped(scope: TokenScope, operation: ZodOpenApiOperationObject): ZodOpenApiOperationObject {
  return { ...operation, description: `Scope: ${scope}.`, responses: { ...operation.responses, ...refused(401, 403) } }
}

/** An operation without authentication. */
export function open(operation: ZodOpenApiOperationObject): ZodOpenApiOperationObject {
  return { ...operation, security: [] }
}
