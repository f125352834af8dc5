import type { Problem } from '#lib/domain/problem.ts'
import { problemDetailsSchema } from '#lib/domain/replies.ts'

/** Why a request did not succeed. `status` is 0 when no answer came; `retryAfter` is in seconds. */
export type Failure = {
  status: number
  title: string
  detail: string
  errors: Problem[]
  current: unknown
  retryAfter: number | null
  requestId: string | null
}

/** What `request` throws; an Error, because React Query and the browser's console expect one. */
export class RequestError extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.detail || failure.title)
    this.name = 'RequestError'
    this.failure = failure
  }
}

const empty = { errors: [], current: undefined, retryAfter: null, requestId: null }

export const unreachable: Failure = {
  ...empty,
  status: 0,
  title: 'The console does not answer',
  detail: 'Your browser got no answer from the console. It may be restarting, or your network connection is down.',
}

/** Reads the answer to a refused request: problem details when it has them, else what the status line says. */
export async function failureOf(response: Response): Promise<Failure> {
  const retry = Number(response.headers.get('retry-after'))
  const retryAfter = Number.isFinite(retry) && retry > 0 ? Math.ceil(retry) : null
  const parsed = problemDetailsSchema.safeParse(await response.json().catch(() => null))
  if (!parsed.success) {
    return { ...empty, status: response.status, retryAfter, title: `The console answered ${response.status}`, detail: 'The answer could not be read. Try again; the log of the console has the details.' }
  }
  const { title, detail, errors = [], current, instance = null } = parsed.data
  return { status: response.status, title, detail, errors, current, retryAfter, requestId: instance }
}

/** Translates anything that was thrown into one shape for people. */
export function toFailure(error: unknown): Failure {
  if (error instanceof RequestError) return error.failure
  return { ...empty, status: 0, title: 'Something went wrong in the console', detail: error instanceof Error ? error.message : String(error) }
}
