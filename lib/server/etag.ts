import { Refusal } from './refusal.ts'

/** What a request says about the version it wants to change. */
export type Preconditions = { ifMatch: readonly string[] | null; createOnly: boolean }

/** Strong entity tag of a resource that was changed last in this generation. */
export function etagOf(generation: number): string {
  return `"g${generation}"`
}

/** Reads If-Match and If-None-Match. Only `*` makes sense in If-None-Match of a change: create, never replace. */
export function preconditionsOf(headers: Headers): Preconditions {
  const match = headers.get('if-match')
  const none = headers.get('if-none-match')
  if (none !== null && none.trim() !== '*') throw new Refusal('malformed', 'If-None-Match of a change is *, which means: create it, never replace it.')
  return { ifMatch: match === null ? null : tagsIn(match), createOnly: none !== null }
}

/** True when If-None-Match of a read names the version that the client would get. */
export function unchangedSince(headers: Headers, etag: string): boolean {
  const none = headers.get('if-none-match')
  return none !== null && tagsIn(none).some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag)
}

function tagsIn(header: string): string[] {
  return header.split(',').map((tag) => tag.trim()).filter((tag) => tag !== '')
}

/** The resource at hand; null when it does not exist. */
export type Current = { resource: unknown; etag: string } | null

/** Refuses to create what exists (If-None-Match: *) and to change what does not (If-Match). */
export function checkExistence({ ifMatch, createOnly }: Preconditions, current: Current): void {
  if (createOnly && current) throw new Refusal('exists', 'You asked to create it only if it does not exist.', { current })
  if (ifMatch && !current) throw new Refusal('stale', 'It does not exist any more. Leave If-Match away to create it.')
}

/** Refuses a change of what exists unless If-Match names its version, or is `*`. */
export function checkVersion({ ifMatch }: Preconditions, current: Current): void {
  if (!current) return
  if (!ifMatch) throw new Refusal('precondition-needed', `Send If-Match with the ETag that you read, now ${current.etag}, or * to change whatever is there.`, { current })
  if (ifMatch.includes('*') || ifMatch.includes(current.etag)) return
  throw new Refusal('stale', `You changed version ${ifMatch.join(', ')}, and now it is ${current.etag}. Look at what is there and repeat your change on it.`, { current })
}
