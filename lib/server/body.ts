import type { z } from 'zod'
import { toProblem } from '#lib/domain/draft.ts'
import { invalid, Refusal } from './refusal.ts'

/** Largest body of a request, in bytes. */
export const bodyLimit = 1024 * 1024

const jsonTypes: readonly string[] = ['application/json', 'application/merge-patch+json']

/** Reads a JSON body of at most so many bytes. */
export async function readJson(request: Request, limit = bodyLimit): Promise<unknown> {
  if (!jsonTypes.includes(typeOf(request))) throw new Refusal('media-type', 'Send the body as JSON, with "Content-Type: application/json".')
  const text = await readText(request, limit)
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Refusal('malformed', text === '' ? 'The body is empty.' : `The body is not JSON: ${error.message}.`)
  }
}

/** Reads a JSON body of the schema's shape; every problem is reported. */
export async function readBody<T extends z.ZodType>(request: Request, schema: T): Promise<z.output<T>> {
  return parseBody(await readJson(request), schema)
}

/** Takes a value for a body of the schema's shape; every problem is reported. */
export function parseBody<T extends z.ZodType>(body: unknown, schema: T): z.output<T> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  throw invalid(result.error.issues.map((issue) => toProblem(issue, [], issue.code === 'invalid_type' && valueAt(body, issue.path) === undefined && issue.path.length > 0)))
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), value)
}

/** The media type of the body in lower case and without parameters; empty when none is given. */
export function typeOf(request: Request): string {
  return request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
}

/** Reads a body of UTF-8 text of at most so many bytes. */
export async function readText(request: Request, limit: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit)
  if (!request.body) return ''
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of request.body) {
    size += part.byteLength
    if (size > limit) throw tooLarge(limit)
    parts.push(part)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
  } catch {
    throw new Refusal('malformed', 'The body is not UTF-8.')
  }
}

function tooLarge(limit: number): Refusal {
  return new Refusal('too-large', `A body has at most ${limit} bytes here.`)
}
