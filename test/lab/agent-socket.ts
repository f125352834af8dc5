import { request } from 'node:http'
import { agentProtocol, agentStatusSchema, protocolHeader, type AgentStatus } from '#lib/domain/agent-protocol.ts'
import type { Desired } from '#lib/domain/desired.ts'

export type AgentSocket = {
  put: (desired: Desired, waitMs?: number) => Promise<AgentStatus>
  status: () => Promise<AgentStatus>
  /** Status code and text, for what is not answered with a status. */
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<{ status: number; text: string }>
}

/** The agent's own socket, without a console between. */
export function agentSocket(socketPath: string): AgentSocket {
  const call: AgentSocket['call'] = (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const asked = request({ socketPath, method, path, headers: { [protocolHeader]: String(agentProtocol), 'content-type': 'application/json', ...headers } }, (reply) => {
        let text = ''
        reply.setEncoding('utf8').on('data', (part: string) => (text += part))
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text }))
        reply.on('error', reject)
      })
      asked.on('error', reject)
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })
  const parsed = async (method: string, path: string, body?: unknown): Promise<AgentStatus> => {
    const { status, text } = await call(method, path, body)
    if (status !== 200) throw new Error(`${method} ${path} was answered with ${status}: ${text}`)
    return agentStatusSchema.parse(JSON.parse(text))
  }
  return { call, put: (desired, waitMs = 60_000) => parsed('PUT', `/v1/desired?wait=${waitMs}`, desired), status: () => parsed('GET', '/v1/status') }
}
