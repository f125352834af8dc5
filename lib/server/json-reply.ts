import { unchangedSince } from './etag.ts'

/** A JSON answer, with its entity tag when it has one. */
export function json(body: unknown, { status = 200, etag = null }: { status?: number; etag?: string | null } = {}): Response {
  const headers = new Headers({ 'content-type': 'application/json' })
  if (etag) headers.set('etag', etag)
  return new Response(JSON.stringify(body), { status, headers })
}

/** A JSON answer, or 304 when the client has this version already. */
export function jsonUnlessKnown(headers: Headers, body: unknown, etag: string): Response {
  return unchangedSince(headers, etag) ? new Response(null, { status: 304, headers: { etag } }) : json(body, { etag })
}
