import { db } from './db.ts'
import { Refusal } from './refusal.ts'

const freeFailures = 5
const longestLock = 15 * 60 * 1000
const forgottenAfter = 60 * 60 * 1000

/** How long a key is locked after so many failures in a row, in milliseconds: 1 s after the fifth, then double, at most 15 minutes. */
export function lockFor(failures: number): number {
  return failures < freeFailures ? 0 : Math.min(1000 * 2 ** (failures - freeFailures), longestLock)
}

/**
 * Counts an attempt as failed before the password is looked at, so that many at once cannot slip through together.
 * Refuses while one of the keys (an account, an address) is locked.
 */
export async function beginAttempt(keys: readonly string[]): Promise<void> {
  const wait = await db().$transaction(async (tx) => {
    const now = Date.now()
    const rows = await tx.signInFailure.findMany({ where: { key: { in: [...keys] } } })
    // More than the longest lock can only mean that the clock was put back.
    const locked = Math.max(0, ...rows.map((row) => row.until.getTime() - now).filter((left) => left <= longestLock))
    if (locked > 0) return locked
    for (const key of keys) {
      const row = rows.find((one) => one.key === key)
      const fresh = row !== undefined && Math.abs(now - row.lastAt.getTime()) < forgottenAfter
      const failures = fresh ? row.failures + 1 : 1
      const data = { failures, lastAt: new Date(now), until: new Date(now + lockFor(failures)) }
      await tx.signInFailure.upsert({ where: { key }, create: { key, ...data }, update: data })
    }
    return 0
  })
  if (wait === 0) return
  const seconds = Math.ceil(wait / 1000)
  throw new Refusal('locked-out', `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`, { retryAfter: seconds })
}

/** Forgets the failures of the account; the address only gets this one attempt back. */
export async function endAttempt(account: string, address: string | null): Promise<void> {
  await db().signInFailure.deleteMany({ where: { key: account } })
  if (address) await db().signInFailure.updateMany({ where: { key: address, failures: { gt: 0 } }, data: { failures: { decrement: 1 }, until: new Date() } })
}

/** Deletes what no longer counts. */
export async function forgetOldFailures(): Promise<void> {
  await db().signInFailure.deleteMany({ where: { lastAt: { lt: new Date(Date.now() - forgottenAfter) } } })
}
