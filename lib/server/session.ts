import { z } from 'zod'
import { maxPasswordLength, minPasswordLength } from '#lib/domain/password.ts'
import type { Session } from '#lib/domain/replies.ts'
import type { Actor } from './actor.ts'
import { recordAudit } from './audit.ts'
import { auth } from './auth.ts'
import { clientAddress } from './client-address.ts'
import { db } from './db.ts'
import { json } from './json-reply.ts'
import { log } from './log.ts'
import { invalid, Refusal } from './refusal.ts'
import { beginAttempt, endAttempt } from './sign-in-limit.ts'

export const signInSchema = z.strictObject({ name: z.string().min(1, 'Fill in your name.').max(200), password: z.string().min(1, 'Fill in your password.').max(1000) }).meta({ id: 'SignIn' })

export const passwordChangeSchema = z
  .strictObject({
    current: z.string().max(1000),
    next: z.string().min(minPasswordLength, `A password has at least ${minPasswordLength} characters.`).max(maxPasswordLength, `A password has at most ${maxPasswordLength} characters.`),
  })
  .meta({ id: 'PasswordChange' })

/** Who is signed in with these headers' cookie, and the cookies that renew the session. */
export async function sessionOf(headers: Headers): Promise<{ user: NonNullable<Session['user']> | null; cookies: string[] }> {
  if (!headers.get('cookie')?.includes('session_token=')) return { user: null, cookies: [] }
  const { response, headers: renewed } = await auth().api.getSession({ headers, returnHeaders: true })
  const user = response ? { name: response.user.username ?? response.user.name, mustChangePassword: response.user.mustChangePassword === true } : null
  return { user, cookies: renewed.getSetCookie() }
}

/** The person behind a session; everyone who can sign in administers. */
export function userActor({ name, mustChangePassword }: NonNullable<Session['user']>): Actor {
  return { kind: 'user', name: `user:${name}`, scope: 'admin', mustChangePassword }
}

/** Answers who is signed in, and whether the console still lacks its first user. */
export async function describeSession(headers: Headers): Promise<Session> {
  const { user } = await sessionOf(headers)
  return { user, setupNeeded: user === null && (await db().user.findFirst({ select: { id: true } })) === null }
}

/** Signs in and answers with the session cookie. An unknown name and a wrong password look the same and take the same time. */
export async function signIn(request: Request, { name, password }: z.output<typeof signInSchema>): Promise<Response> {
  const account = name.toLowerCase()
  const address = clientAddress(request.headers)
  const keys = { account: `account:${account}`, address: `address:${address}` }
  await beginAttempt([keys.account, keys.address])
  const response = await auth().api.signInUsername({ body: { username: account, password }, headers: request.headers, asResponse: true })
  // A name that the library finds malformed is refused without any hashing, which the time would tell.
  if (response.status === 422) await auth().$context.then((context) => context.password.hash(password))
  if (!response.ok) {
    log().warn({ account, address }, 'sign-in failed')
    throw new Refusal('unauthenticated', 'The name or the password is wrong.')
  }
  await endAttempt(keys.account, keys.address)
  await recordAudit(db(), { name: `user:${account}` }, { action: 'session.sign-in', target: account, generation: null, before: null, after: null })
  const user = await db().user.findUniqueOrThrow({ where: { username: account }, select: { mustChangePassword: true } })
  const reply: Session = { user: { name: account, mustChangePassword: user.mustChangePassword }, setupNeeded: false }
  return withCookies(json(reply), response.headers.getSetCookie())
}

/** Ends the session and removes its cookie; also when there is none. */
export async function signOut(headers: Headers): Promise<Response> {
  const response = await auth().api.signOut({ headers, asResponse: true })
  return withCookies(new Response(null, { status: 204 }), response.headers.getSetCookie())
}

/** Changes the password of the signed-in person, ends every other session of theirs and the need to change it. */
export async function changePassword(headers: Headers, { current, next }: z.output<typeof passwordChangeSchema>): Promise<Response> {
  const { user } = await sessionOf(headers)
  if (!user) throw new Refusal('unauthenticated', 'Sign in to change your password.')
  if (current === next) throw invalid([{ pointer: '/next', code: 'password-same', message: 'This is the password that you have.', hint: 'Choose another one.' }])
  const account = `account:${user.name}`
  await beginAttempt([account])
  const response = await auth().api.changePassword({ body: { currentPassword: current, newPassword: next, revokeOtherSessions: true }, headers, asResponse: true })
  if (!response.ok) throw invalid([{ pointer: '/current', code: 'password-wrong', message: 'This is not your password.', hint: 'Type the password that you signed in with.' }])
  await endAttempt(account, null)
  await db().$transaction(async (tx) => {
    await tx.user.update({ where: { username: user.name }, data: { mustChangePassword: false } })
    await recordAudit(tx, { name: `user:${user.name}` }, { action: 'session.password', target: user.name, generation: null, before: null, after: null })
  })
  return withCookies(new Response(null, { status: 204 }), response.headers.getSetCookie())
}

/** Adds cookies to an answer. */
export function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}
