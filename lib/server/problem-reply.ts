import type { ProblemDetails } from '#lib/domain/replies.ts'
import { refusalOf } from './database-error.ts'
import { log } from './log.ts'
import { Refusal, refusals } from './refusal.ts'

/** Problem details (RFC 9457) for whatever a handler threw. An unexpected error is logged whole; the client gets its id only. */
export function problemReply(error: unknown, id: string): Response {
  const refusal = error instanceof Refusal ? error : refusalOf(error) ?? tooDeep(error) ?? unexpected(error, id)
  const { status, title } = refusals[refusal.code]
  const { problems, current, retryAfter } = refusal.details
  const body: ProblemDetails = { type: `urn:tangent:problem:${refusal.code}`, title, status, detail: refusal.message, instance: `urn:uuid:${id}`, errors: problems, current: current?.resource }
  const headers = new Headers({ 'content-type': 'application/problem+json' })
  if (current?.etag) headers.set('etag', current.etag)
  if (retryAfter !== undefined) headers.set('retry-after', String(retryAfter))
  if (status === 401) headers.set('www-authenticate', 'Bearer')
  return new Response(JSON.stringify(body), { status, headers })
}

/** A body nested so deeply that walking it overflows the stack. */
function tooDeep(error: unknown): Refusal | null {
  if (!(error instanceof RangeError) || !error.message.includes('call stack')) return null
  return new Refusal('malformed', 'The body is nested too deeply.')
}

function unexpected(error: unknown, id: string): Refusal {
  log().error({ err: error, request: id }, 'request failed')
  return new Refusal('internal', `The log of the console has the reason under ${id}.`)
}
