import path from 'node:path'
import { migrate } from '#prisma/apply-migrations.mjs'
import { trustNoForwardedAddress } from './client-address.ts'
import { planRuns } from './doctor-schedule.ts'
import { env } from './env.ts'
import { ensureAdministrator } from './first-run.ts'
import { startJobs } from './jobs.ts'
import { log } from './log.ts'

/** Makes the console ready: settings, database, first user, scheduled jobs. Throws an Error with a sentence for the operator. */
export async function start(): Promise<void> {
  const { database } = env()
  const applied = migrate(database, path.join(process.cwd(), 'prisma', 'migrations'))
  if (applied.length > 0) log().info({ applied }, 'database brought up to date')
  const { created, name, password } = await ensureAdministrator()
  if (created) log().info(password === null ? `User ${name} was made with the password from TANGENT_ADMIN_PASSWORD.` : `User ${name} was made. One-time password: ${password}`)
  trustNoForwardedAddress()
  startJobs()
  await planRuns()
}

/** Starts the console, or says in one sentence why it cannot and ends: without settings and database there is nothing to serve. */
export async function startOrEnd(): Promise<void> {
  try {
    await start()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}
