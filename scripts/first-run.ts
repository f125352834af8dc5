import { ensureAdministrator } from '#lib/server/first-run.ts'
import { stop } from '#lib/server/stop.ts'

// Makes the first user when there is none; prints what a person must be told about it, else nothing.
const { created, name, password } = await ensureAdministrator()
if (created && password !== null) console.log(`Sign in as ${name} with the one-time password ${password}`)
if (created && password === null) console.log(`Sign in as ${name} with the password from TANGENT_ADMIN_PASSWORD.`)
await stop()
