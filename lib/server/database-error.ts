import { Refusal } from './refusal.ts'

// P1008: another process holds the lock; P2024, P2028: no turn within maxWait.
const busyCodes: readonly string[] = ['P1008', 'P2024', 'P2028']

/**
 * The refusal that stands for a database error which the client can do something about; null for all others.
 * Goes by the error's name: the client may have been made by another module instance (see singleton.ts).
 */
export function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof Error) || !error.name.startsWith('PrismaClient')) return null
  const code: unknown = Reflect.get(error, 'code')
  const meta: unknown = Reflect.get(error, 'meta')
  if (/database or disk is full|SQLITE_FULL|SQLITE_IOERR/.test(`${error.message} ${describe(meta)}`)) {
    return new Refusal('storage-full', "There is no space left on the disk of the console's database. Nothing was changed; free some space and try again.")
  }
  if (typeof code === 'string' && busyCodes.includes(code)) {
    return new Refusal('busy', 'The database is in use by another program. Nothing was changed; try again.', { retryAfter: 1 })
  }
  return null
}

/** True for a unique constraint that a write would break. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'P2002'
}

function describe(meta: unknown): string {
  return JSON.stringify(meta, (_, value: unknown) => (value instanceof Error ? { ...value, message: value.message } : value)) ?? ''
}
