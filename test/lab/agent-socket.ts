import { request } from 'node:http'
import { agentProtocol, agentStatsSchema, agentStatusSchema, protocolHeader, type AgentStats, type AgentStatus } from '#lib/domain/agent-protocol.ts'
import type { Desired } from '#lib/domain/desired.ts'
import { until } from './until.ts'

export type AgentSocket = {
  put: (desired: Desired, waitMs?: number) => Promise<AgentStatus>
  status: () => Promise<AgentStatus>
  /** Totals that were read after this call; the agent itself gives the same ones for a second. */
  freshStats: () => Promise<AgentStats>
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
  const answer = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const { status, text } = await call(method, path, body)
    if (status !== 200) throw new Error(`${method} ${path} was answered with ${status}: ${text}`)
    return JSON.parse(text)
  }
  const freshStats: AgentSocket['freshStats'] = () => {
    const asked = Date.now()
    return until('the agent has read its counters', async () => {
      const stats = agentStatsSchema.parse(await answer('GET', '/v1/stats'))
      return Date.parse(stats.at) >= asked ? stats : null
    })
  }
  return {
    call,
    put: async (desired, waitMs = 60_000) => agentStatusSchema.parse(await answer('PUT', `/v1/desired?wait=${waitMs}`, desired)),
    status: async () => agentStatusSchema.parse(await answer('GET', '/v1/status')),
    freshStats,
  }
}
