import type { Problem } from '#lib/domain/problem.ts'

/** Every way in which a request can fail, with its HTTP status and the title that people read. */
export const refusals = {
  'malformed': { status: 400, title: 'The request cannot be read' },
  'unauthenticated': { status: 401, title: 'You are not signed in' },
  'scope-too-small': { status: 403, title: 'You may not do this' },
  'cross-site': { status: 403, title: 'The request came from another site' },
  'password-change-needed': { status: 403, title: 'Change the one-time password first' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'taken': { status: 409, title: 'This name is taken' },
  'under-way': { status: 409, title: 'This is under way already' },
  'exists': { status: 412, title: 'It exists already' },
  'stale': { status: 412, title: 'It was changed meanwhile' },
  'too-large': { status: 413, title: 'The body is too large' },
  'media-type': { status: 415, title: 'The body is of a type that is not taken here' },
  'invalid': { status: 422, title: 'The input is not valid' },
  'precondition-needed': { status: 428, title: 'Say which version you are changing' },
  'locked-out': { status: 429, title: 'Too many failed sign-ins' },
  'internal': { status: 500, title: 'Something went wrong in the console' },
  'agent-away': { status: 503, title: 'The agent does not answer' },
  'busy': { status: 503, title: 'The database is busy' },
  'storage-full': { status: 507, title: 'The disk is full' },
} as const satisfies Record<string, { status: number; title: string }>

export type RefusalCode = keyof typeof refusals

export type RefusalDetails = {
  /** Every problem of the input. */
  problems?: Problem[]
  /** With a failed precondition: the resource as it is now, and its ETag if it has one. */
  current?: { resource: unknown; etag: string | null }
  /** Seconds until another try makes sense. */
  retryAfter?: number
}

/** Ends a request with a problem that the client may read; `message` is the detail. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly details: RefusalDetails

  constructor(code: RefusalCode, message: string, details: RefusalDetails = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}

/** The refusal for an input with problems. */
export function invalid(problems: Problem[]): Refusal {
  const [first, ...others] = problems
  const more = others.length > 0 ? ` And ${others.length} more.` : ''
  return new Refusal('invalid', `${first?.message ?? 'It does not fit.'}${more}`, { problems })
}
