import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { inside } from './command.ts'
import type { PrepMachine } from './prep-machine.ts'

export type Received = { method: string; path: string; agent: string; contentType: string; body: string }
export type ReportServer = {
  /** Where the machine reaches it, by family. */
  urls: { IPv4: string; IPv6: string }
  /** What has come, oldest first. */
  received: Received[]
  close: () => void
}

/** An HTTP server at the machine's neighbour, that takes what is posted to /take, and answers the status N at /answer/N. */
export async function startReportServer({ neighbour, folder }: PrepMachine): Promise<ReportServer> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      received.push({ method, path: url, agent: headers['user-agent'] ?? '', contentType: headers['content-type'] ?? '', body })
      response.writeHead(url === '/take' ? 200 : Number(url.slice('/answer/'.length)), { 'content-type': 'application/json', ...(url === '/answer/302' ? { location: '/take' } : {}) })
      response.end('{"status":"verified","changes":[]}')
    })
  })
  const socket = join(folder, 'reports.sock')
  server.listen(socket)
  await once(server, 'listening')
  const [program = '', ...args] = inside(neighbour.namespace, ['socat', '-d', '-d', 'TCP6-LISTEN:8080,fork,reuseaddr,ipv6only=0', `UNIX-CONNECT:${socket}`])
  const relay = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  await once(relay.stderr, 'data')
  relay.stderr.resume()
  const close = (): void => {
    relay.kill()
    server.close()
    server.closeAllConnections()
  }
  return { urls: { IPv4: 'http://10.9.0.1:8080', IPv6: 'http://[fd09::1]:8080' }, received, close }
}
