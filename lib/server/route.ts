import { randomUUID } from 'node:crypto'
import type { TokenScope } from '#lib/domain/replies.ts'
import { requireScope, type Actor } from './actor.ts'
import { preconditionsOf } from './etag.ts'
import type { ChangeRequest } from './farms.ts'
import { problemReply } from './problem-reply.ts'
import { Refusal } from './refusal.ts'
import { requireSameOrigin } from './same-origin.ts'
import { sessionOf, userActor, withCookies } from './session.ts'
import { tokenActor } from './tokens.ts'

/** What a handler gets. `params` are the decoded parts of the path. */
export type Call<P extends string> = { request: Request; params: Record<P, string>; query: URLSearchParams }
export type ActorCall<P extends string> = Call<P> & { actor: Actor }

type Handler<P extends string> = (request: Request, context: { params: Promise<Record<P, string>> }) => Promise<Response>

const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** A route for whoever has the scope: authenticates, runs the handler and turns whatever it throws into problem details. */
export function route<P extends string = never>(handler: (call: ActorCall<P>) => Promise<Response>, { scope }: { scope: TokenScope }): Handler<P> {
  return openRoute<P>(async (call) => {
    const { actor, cookies } = await authenticate(call.request)
    if (actor.mustChangePassword) throw new Refusal('password-change-needed', 'You signed in with the one-time password. Set your own with PUT /api/v1/session/password, then go on.')
    requireScope(actor, scope)
    return withCookies(await handler({ ...call, actor }), cookies)
  })
}

/** A route for everybody. */
export function openRoute<P extends string = never>(handler: (call: Call<P>) => Promise<Response>): Handler<P> {
  return async (request, context) => {
    const id = randomUUID()
    const response = await run(request, context, handler).catch((error: unknown) => problemReply(error, id))
    response.headers.set('x-request-id', id)
    for (const [name, value] of Object.entries(securityHeaders)) if (!response.headers.has(name)) response.headers.set(name, value)
    return response
  }
}

/** What a request that changes something asks for besides its body. */
export function changeRequest<P extends string>({ actor, request, query }: ActorCall<P>): ChangeRequest {
  const dryRun = query.get('dryRun') ?? 'false'
  if (dryRun !== 'true' && dryRun !== 'false') throw new Refusal('malformed', 'dryRun is true or false.')
  return { actor, preconditions: preconditionsOf(request.headers), dryRun: dryRun === 'true' }
}

async function run<P extends string>(request: Request, context: { params: Promise<Record<P, string>> }, handler: (call: Call<P>) => Promise<Response>): Promise<Response> {
  return handler({ request, params: await context.params, query: new URL(request.url).searchParams })
}

async function authenticate(request: Request): Promise<{ actor: Actor; cookies: string[] }> {
  const authorization = request.headers.get('authorization')
  if (authorization !== null) {
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1]
    if (!token) throw new Refusal('unauthenticated', 'Send the token as "Authorization: Bearer TOKEN".')
    return { actor: await tokenActor(token), cookies: [] }
  }
  const { user, cookies } = await sessionOf(request.headers)
  if (!user) throw new Refusal('unauthenticated', 'Sign in, or send a token as "Authorization: Bearer TOKEN".')
  if (request.method !== 'GET' && request.method !== 'HEAD') requireSameOrigin(request.headers)
  return { actor: userActor(user), cookies }
}
