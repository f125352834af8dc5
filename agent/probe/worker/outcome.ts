import type { ProbeReason } from '#lib/domain/monitor.ts'
import type { Question } from '../messages.ts'

/** How a probe ended; `reason` is null when the answer is good. `ms` is given where the answer's time was measured elsewhere. */
export type Outcome = { reason: ProbeReason | null; detail: string; ms?: number }

/** Asks, and answers what cancels it. Calls `done` at least once if it is not cancelled; the first call counts. */
export type Ask = (question: Question, done: (outcome: Outcome) => void) => () => void

export const good = (detail: string): Outcome => ({ reason: null, detail })

/** A text of the other side, short and printable: it ends up in logs and on screens. */
export function quoted(text: string): string {
  return `"${text.slice(0, 80).replace(/[^\x20-\x7e]/g, '.')}"`
}

export const silent = (seconds: number): Outcome => ({ reason: 'timeout', detail: `No answer within ${seconds} s.` })

/** Silence that may be the appliance's own. */
export const tooBusy: Outcome = { reason: 'not-possible', detail: 'The appliance was too busy to take an answer in time.' }

const refused: Outcome = { reason: 'refused', detail: 'Refused: nothing listens on this address and port, or a firewall rejects it.' }
const closed: Outcome = { reason: 'closed', detail: 'The connection was closed before the answer.' }
export const forwarded: Outcome = { reason: 'forwarded', detail: 'The backend sends packets for the VIP on to somewhere else: the VIP is not on it, and it routes.' }

/** What errors of sockets mean (errno(3)); one that stands in no list is the appliance's own trouble. */
const words: Record<string, Outcome> = {
  ECONNREFUSED: refused,
  ETIMEDOUT: { reason: 'timeout', detail: 'No answer.' },
  EHOSTUNREACH: { reason: 'unreachable', detail: 'The host is unreachable: nobody answers for its address, or a firewall says so.' },
  ENETUNREACH: { reason: 'unreachable', detail: 'The network is unreachable: there is no route, or a firewall says so.' },
  EACCES: { reason: 'unreachable', detail: 'A firewall forbids it.' },
  // The rules turn "time exceeded" into an error that nothing else brings.
  EHOSTDOWN: forwarded,
  EPROTO: forwarded,
  ECONNRESET: closed,
  EPIPE: closed,
}

/** What an error of a socket says. */
export function outcomeOf(error: NodeJS.ErrnoException): Outcome {
  return words[error.code ?? ''] ?? { reason: 'not-possible', detail: `The probe could not be sent: ${error.code ?? error.message}.`.slice(0, 300) }
}
