import type { Server, Socket } from 'node:net'
import { monitorSchema, type MonitorInput } from '#lib/domain/monitor.ts'
import type { Finding, Question } from '#agent/probe/messages.ts'
import { ask } from '#agent/probe/worker/ask.ts'

export function question(monitor: MonitorInput, port: number, host = '127.0.0.1', asked = host): Question {
  return { key: 1, phase: 0, host, asked, port, monitor: monitorSchema.parse({ timeout: 2, ...monitor }) }
}

/** Asks once and answers what was found. */
export function found(...of: Parameters<typeof question>): Promise<Finding> {
  return new Promise((resolve) => ask(question(...of), resolve))
}

/** How a server's next connection ends: by a reset, or in order. */
export function ending(server: Server, event: 'connection' | 'secureConnection' = 'connection'): Promise<'reset' | 'closed'> {
  return new Promise((resolve) => {
    server.once(event, (socket: Socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNRESET' ? 'reset' : 'closed'))
      socket.on('end', () => resolve('closed'))
      socket.resume()
    })
  })
}
