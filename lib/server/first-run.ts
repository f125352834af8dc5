import { randomBytes } from 'node:crypto'
import { recordAudit } from './audit.ts'
import { auth } from './auth.ts'
import { db } from './db.ts'
import { env } from './env.ts'

export const administrator = 'admin'

/** What the first start made: nothing later on; `password` is the one-time password, null when the environment gave one. */
export type FirstRun = { created: boolean; name: string; password: string | null }

/** Makes the user `admin` when there is no user yet, with TANGENT_ADMIN_PASSWORD or else a random password for one sign-in. */
export async function ensureAdministrator(): Promise<FirstRun> {
  if (await db().user.findFirst({ select: { id: true } })) return { created: false, name: administrator, password: null }
  const given = env().adminPassword
  const password = given ?? randomBytes(15).toString('base64url')
  // The library wants an address for each person; .invalid can never receive mail (RFC 6761).
  const body = { name: administrator, username: administrator, email: `${administrator}@tangent.invalid`, password }
  await auth().api.signUpEmail({ body })
  await db().$transaction(async (tx) => {
    await tx.user.update({ where: { username: administrator }, data: { mustChangePassword: given === null } })
    await recordAudit(tx, { name: 'system' }, { action: 'user.create', target: administrator, generation: null, before: null, after: { name: administrator } })
  })
  return { created: true, name: administrator, password: given === null ? password : null }
}
