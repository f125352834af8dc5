import { Agent, request, type IncomingMessage } from 'node:http'
import { z } from 'zod'
import { agentBodyLimit, agentProtocol, protocolHeader } from '#lib/domain/agent-protocol.ts'
import { env } from './env.ts'
import { singleton } from './singleton.ts'

/**
 * Why the agent did not do what was asked. `away`: no answer at all, `version`: it speaks another protocol,
 * `conflict`: it has another generation than the base of the change, `refused`: it answered and said no.
 */
export type AgentFailure = { kind: 'away' | 'version' | 'conflict' | 'refused'; message: string }

export type AgentResult<T> = { ok: true; value: T } | { ok: false; failure: AgentFailure }

type Answer = { status: number; protocol: string | undefined; text: string }

/** Asks the agent over its unix socket and parses the answer. `timeout` in milliseconds; `stop` ends it sooner. Never throws. */
export async function askAgent<T extends z.ZodType>(method: 'GET' | 'PUT' | 'PATCH' | 'POST', path: string, schema: T, timeout: number, body?: unknown, stop?: AbortSignal): Promise<AgentResult<z.output<T>>> {
  const signal = AbortSignal.any([AbortSignal.timeout(timeout), ...(stop ? [stop] : [])])
  try {
    return read(await send(method, path, signal, body === undefined ? null : JSON.stringify(body)), schema)
  } catch (error) {
    return { ok: false, failure: { kind: 'away', message: inWords(error, env().socket) } }
  }
}

const problemSchema = z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)])
const refusalSchema = z.object({ message: z.string().optional(), problems: z.array(problemSchema).optional() }).catch({})

function read<T extends z.ZodType>({ status, protocol, text }: Answer, schema: T): AgentResult<z.output<T>> {
  const body = parseJson(text)
  const refusal = refusalSchema.parse(body)
  if (status === 426 || (protocol !== undefined && protocol !== String(agentProtocol))) {
    return failed('version', refusal.message ?? `The agent speaks protocol ${protocol ?? 'unknown'} and the console ${agentProtocol}. Install the same version of both and restart them.`)
  }
  if (status === 409) return failed('conflict', 'The agent has another generation.')
  if (status !== 200) return failed('refused', [refusal.message ?? `The agent refused this (${status}).`, ...(refusal.problems ?? [])].join(' '))
  const result = schema.safeParse(body)
  if (result.success) return { ok: true, value: result.data }
  return failed('version', 'The answer of the agent cannot be read. Install the same version of console and agent and restart both.')
}

function failed(kind: AgentFailure['kind'], message: string): { ok: false; failure: AgentFailure } {
  return { ok: false, failure: { kind, message } }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** One request; once more when the agent was restarted behind a connection that was kept alive. */
async function send(method: string, path: string, signal: AbortSignal, body: string | null): Promise<Answer> {
  try {
    return await sendOnce(method, path, signal, body)
  } catch (error) {
    if (!(error instanceof ReusedConnectionLost)) throw error
    return sendOnce(method, path, signal, body)
  }
}

class ReusedConnectionLost extends Error {}

function sendOnce(method: string, path: string, signal: AbortSignal, body: string | null): Promise<Answer> {
  const agent = singleton('agent-connections', () => new Agent({ keepAlive: true, maxSockets: 8 }))
  const headers: Record<string, string> = { [protocolHeader]: String(agentProtocol) }
  if (body !== null) {
    headers['content-type'] = 'application/json'
    headers['content-length'] = String(Buffer.byteLength(body))
  }
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, socketPath: env().socket, method, path, headers, signal }, (incoming) => {
      readAnswer(incoming).then(resolve, reject)
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const lost = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      reject(lost ? new ReusedConnectionLost() : error)
    })
    outgoing.end(body ?? undefined)
  })
}

async function readAnswer(incoming: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of incoming) {
    if (!Buffer.isBuffer(part)) continue
    size += part.length
    if (size > agentBodyLimit) throw new Error('The answer is too large.')
    parts.push(part)
  }
  const protocol = incoming.headers[protocolHeader]
  return { status: incoming.statusCode ?? 0, protocol: typeof protocol === 'string' ? protocol : undefined, text: Buffer.concat(parts).toString('utf8') }
}

function inWords(error: unknown, socket: string): string {
  const code = error instanceof Error ? String(Reflect.get(error, 'code') ?? error.name) : ''
  if (code === 'ENOENT') return `There is no socket ${socket}: the agent was not started, or with another TANGENT_SOCKET.`
  if (code === 'ECONNREFUSED') return `Nobody listens on ${socket}: the agent has stopped.`
  if (code === 'EACCES' || code === 'EPERM') return `The console may not open ${socket}. Its user must be in the group of the socket, normally tangent.`
  if (code === 'ENOTSOCK') return `${socket} is not a socket. Set TANGENT_SOCKET to the socket of the agent.`
  if (code === 'TimeoutError' || code === 'ABORT_ERR' || code === 'AbortError') return 'The agent did not answer in time.'
  return 'The agent broke off the connection.'
}
