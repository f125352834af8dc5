import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import { tokenScopes } from '#lib/domain/replies.ts'
import { stop } from '#lib/server/stop.ts'
import { createToken, tokenRequestSchema } from '#lib/server/tokens.ts'

const usage = `Usage: npm run token -- --name NAME --scope ${tokenScopes.join('|')} [--expires 90d]`
const day = 24 * 60 * 60 * 1000

/** Reads the arguments; throws an Error with one sentence. */
function request(args: string[]): ReturnType<typeof tokenRequestSchema.parse> {
  const { values } = parseArgs({ args, options: { name: { type: 'string' }, scope: { type: 'string' }, expires: { type: 'string' } } })
  const days = values.expires === undefined ? null : /^([1-9]\d{0,3})d$/.exec(values.expires)
  if (values.expires !== undefined && !days) throw new Error(`--expires is a number of days such as 90d.\n${usage}`)
  const expiresAt = days ? new Date(Date.now() + Number(days[1]) * day).toISOString() : null
  const result = tokenRequestSchema.safeParse({ name: values.name, scope: values.scope, expiresAt })
  if (result.success) return result.data
  throw new Error(`${result.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('\n')}\n${usage}`)
}

try {
  const { token } = await createToken(request(process.argv.slice(2)), { name: `shell:${userInfo().username}` })
  console.log(token)
  console.error('Keep it: it is not shown again. Use it as "Authorization: Bearer TOKEN".')
} catch (error) {
  if (!(error instanceof Error)) throw error
  const missing = /no such table|does not exist/.test(error.message)
  console.error(missing ? 'There is no database yet. Start the console once with "npm run up", with the same TANGENT_STATE_DIR.' : error.message)
  process.exitCode = 1
} finally {
  await stop().catch(() => undefined)
}
