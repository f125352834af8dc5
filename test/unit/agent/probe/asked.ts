import type { Server, Socket } from 'node:net'
import { monitorSchema, type MonitorInput } from '#lib/domain/monitor.ts'
import type { Finding, Question } from '#agent/probe/messages.ts'
import { ask } from '#agent/probe/worker/ask.ts'
import { tooBusy } from '#agent/probe/worker/outcome.ts'

export function question(monitor: MonitorInput, port: number, host = '127.0.0.1', asked = host): Question {
  return { key: 1, phase: 0, host, asked, port, monitor: monitorSchema.parse({ timeout: 2, ...monitor }) }
}

/** Asks and answers what was found; again when this machine was too busy to hear it. */
export async function found(...of: Parameters<typeof question>): Promise<Finding> {
  const finding = await new Promise<Finding>((resolve) => ask(question(...of), resolve))
  return finding.detail === tooBusy.detail ? found(...of) : finding
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
