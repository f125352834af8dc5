import { pino, type Logger } from 'pino'

export type Log = Logger

/** The agent's log: JSON lines on standard output. */
export function openLog(level: string): Log {
  return pino({ level, base: { part: 'agent' } })
}
