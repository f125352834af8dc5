import { betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { username } from 'better-auth/plugins/username'
import { namePattern } from '#lib/domain/name.ts'
import { maxPasswordLength, minPasswordLength } from '#lib/domain/password.ts'
import { db } from './db.ts'
import { env } from './env.ts'
import { sessionSecret } from './secret.ts'
import { singleton } from './singleton.ts'

const hour = 60 * 60

function create() {
  const { origin, port } = env()
  return betterAuth({
    database: prismaAdapter(db(), { provider: 'sqlite' }),
    secret: sessionSecret(),
    baseURL: origin ?? `http://127.0.0.1:${port}`,
    emailAndPassword: { enabled: true, autoSignIn: false, minPasswordLength, maxPasswordLength },
    plugins: [username({ minUsernameLength: 1, maxUsernameLength: 63, usernameValidator: (name) => namePattern.test(name) })],
    user: { additionalFields: { mustChangePassword: { type: 'boolean', defaultValue: false, input: false } } },
    session: { expiresIn: 12 * hour, updateAge: hour },
    advanced: {
      // Cookies know no ports: without the port in the name two consoles on one host would sign each other out.
      cookiePrefix: `tangent-${port}`,
      useSecureCookies: origin?.startsWith('https:') ?? false,
      defaultCookieAttributes: { sameSite: 'lax', httpOnly: true },
    },
    // sign-in-limit.ts does this, in the database. None of the library's own routes is reachable.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
  })
}

/** People and their sessions. */
export function auth(): ReturnType<typeof create> {
  return singleton('auth', create)
}
