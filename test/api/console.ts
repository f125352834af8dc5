import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { TokenScope } from '#lib/domain/replies.ts'
import { resend } from '#lib/server/jobs.ts'
import { stop } from '#lib/server/stop.ts'
import { createToken } from '#lib/server/tokens.ts'
import { migrate } from '#prisma/apply-migrations.mjs'
import { fakeAgent, type FakeAgent } from './fake-agent.ts'
import { loadRoutes, match, type Route } from './routes.ts'

export const host = '127.0.0.1:3000'

/** `as` is the scope of the token to send, null for none. A body that is not a string goes as JSON. */
export type Options = { as?: TokenScope | null; headers?: Record<string, string>; body?: unknown }

/** An answer that was read already; `body` is that of a JSON answer, else empty. */
export type Answer = { status: number; headers: Headers; body: Record<string, never> & Record<string, unknown>; text: string; bytes: Uint8Array }

export type Console = {
  folder: string
  agent: FakeAgent
  routes: Route[]
  api: (method: string, path: string, options?: Options) => Promise<Answer>
  token: (scope: TokenScope) => Promise<string>
}

const migrations = path.resolve(import.meta.dirname, '../../prisma/migrations')

/**
 * For each test of the file: the real routes over a real SQLite file of their own and an agent that has everything.
 * The migrated file is made once and copied.
 */
export function testConsole(variables: Record<string, string> = {}): Console {
  const base = mkdtempSync(path.join(tmpdir(), 'tangent-api-'))
  const tokens = new Map<TokenScope, Promise<string>>()
  const it: Console = { folder: '', agent: fakeAgent(''), routes: [], api: (method, target, options = {}) => call(it, method, target, options), token: (scope) => tokenFor(tokens, scope) }
  beforeAll(async () => {
    migrate(path.join(base, 'base.db'), migrations)
    it.routes = await loadRoutes()
  })
  beforeEach(async () => {
    it.folder = mkdtempSync(path.join(base, 'test-'))
    const state = path.join(it.folder, 'state')
    mkdirSync(state)
    copyFileSync(path.join(base, 'base.db'), path.join(state, 'console.db'))
    Object.assign(process.env, { TANGENT_STATE_DIR: state, TANGENT_SOCKET: path.join(it.folder, 'agent.sock'), TANGENT_LOG_LEVEL: 'silent', TANGENT_PORT: '3000', TANGENT_ADMIN_PASSWORD: '', TANGENT_ORIGIN: '', ...variables })
    it.agent = fakeAgent(path.join(it.folder, 'agent.sock'))
    await it.agent.start()
    await resend()
  })
  afterEach(async () => {
    tokens.clear()
    await stop()
    await it.agent.stop()
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))
  return it
}

function tokenFor(tokens: Map<TokenScope, Promise<string>>, scope: TokenScope): Promise<string> {
  const token = tokens.get(scope) ?? createToken({ name: scope, scope, expiresAt: null }, { name: 'test' }).then((made) => made.token)
  tokens.set(scope, token)
  return token
}

async function call(it: Console, method: string, target: string, { as = 'admin', headers = {}, body }: Options): Promise<Answer> {
  const url = new URL(target, `http://${host}`)
  const found = match(it.routes, url.pathname)
  const handler = found?.route.handlers[method]
  if (!found || !handler) throw new Error(`There is no route for ${method} ${url.pathname}.`)
  const authorization: Record<string, string> = as === null ? {} : { authorization: `Bearer ${await it.token(as)}` }
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const payload = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
  const request = new Request(url, { method, headers: { host, ...authorization, ...type, ...headers }, body: payload })
  const response = await handler(request, { params: Promise.resolve(found.params) })
  const bytes = new Uint8Array(await response.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  const json = response.headers.get('content-type')?.includes('json') === true
  return { status: response.status, headers: response.headers, text, bytes, body: json ? JSON.parse(text) : {} }
}
