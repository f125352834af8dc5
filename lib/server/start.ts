import path from 'node:path'
import { migrate } from '#prisma/migrate.mjs'
import { trustNoForwardedAddress } from './client-address.ts'
import { env } from './env.ts'
import { ensureAdministrator } from './first-run.ts'
import { startJobs } from './jobs.ts'
import { log } from './log.ts'

/** Makes the console ready: settings, database, first user, scheduled jobs. Throws an Error with a sentence for the operator. */
export async function start(): Promise<void> {
  const { database } = env()
  const applied = migrate(database, path.resolve('prisma/migrations'))
  if (applied.length > 0) log().info({ applied }, 'database brought up to date')
  const { created, name, password } = await ensureAdministrator()
  if (created) log().info(password === null ? `User ${name} was made with the password from TANGENT_ADMIN_PASSWORD.` : `User ${name} was made. One-time password: ${password}`)
  trustNoForwardedAddress()
  startJobs()
}
