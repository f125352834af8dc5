import type { ProbeReason } from '../monitor.ts'
import type { DoctorAnswer } from './evidence.ts'

/** How an answer looks: what different reasons have in common. `open`: it could not be asked. */
export type Look = 'good' | 'silent' | 'refused' | 'rejected' | 'forwarded' | 'wrong' | 'open'

const looks: Record<ProbeReason, Look> = {
  'timeout': 'silent',
  'refused': 'refused',
  'unreachable': 'rejected',
  'closed': 'wrong',
  'wrong-status': 'wrong',
  'wrong-body': 'wrong',
  'wrong-answer': 'wrong',
  'tls': 'wrong',
  'protocol': 'wrong',
  'forwarded': 'forwarded',
  'not-possible': 'open',
}

export function lookOf({ reason }: DoctorAnswer): Look {
  return reason === null ? 'good' : looks[reason]
}

export function wordsOf({ address, port, detail }: DoctorAnswer): string {
  return `${address}${port === null ? '' : ` port ${port}`}: ${detail}`
}
