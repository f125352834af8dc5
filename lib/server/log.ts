import { pino, type Logger } from 'pino'
import { env } from './env.ts'
import { singleton } from './singleton.ts'

/** The console's log: JSON lines on standard output. */
export function log(): Logger {
  return singleton('log', () => pino({ level: env().logLevel, base: { name: 'tangent-console' } }))
}
