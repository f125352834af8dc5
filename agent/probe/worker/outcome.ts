import type { ProbeReason } from '#lib/domain/monitor.ts'
import type { Question } from '../messages.ts'

/** How a probe ended; `reason` is null when the answer is good. */
export type Outcome = { reason: ProbeReason | null; detail: string }

/** Asks, calls `done` exactly once unless cancelled before, and answers what cancels it. Time limits are the caller's. */
export type Ask = (question: Question, done: (outcome: Outcome) => void) => () => void

export const good = (detail: string): Outcome => ({ reason: null, detail })

/** A text of the other side, short and printable: it ends up in logs and on screens. */
export function quoted(text: string): string {
  return `"${text.slice(0, 60).replace(/[^\x20-\x7e]/g, '.')}"`
}

const words: Record<string, Outcome> = {
  ECONNREFUSED: { reason: 'refused', detail: 'Refused: nothing listens on this address and port, or a firewall rejects it.' },
  ETIMEDOUT: { reason: 'timeout', detail: 'No answer.' },
  EHOSTUNREACH: { reason: 'unreachable', detail: 'The host is unreachable: nobody answers for its address, or a firewall says so.' },
  ENETUNREACH: { reason: 'unreachable', detail: 'The network is unreachable: there is no route.' },
  EACCES: { reason: 'unreachable', detail: 'A firewall forbids it.' },
  ECONNRESET: { reason: 'closed', detail: 'The connection was reset before the answer.' },
  EPIPE: { reason: 'closed', detail: 'The connection was closed before the answer.' },
}

/** What an error of a socket says; one that stands in no list is the appliance's own trouble. */
export function outcomeOf(error: NodeJS.ErrnoException): Outcome {
  return words[error.code ?? ''] ?? { reason: 'not-possible', detail: `The probe could not be sent: ${error.code ?? error.message}.`.slice(0, 300) }
}
