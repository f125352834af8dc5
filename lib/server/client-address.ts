import { subscribe } from 'node:diagnostics_channel'
import { IncomingMessage } from 'node:http'
import { env } from './env.ts'

const header = 'x-forwarded-for'

/** The address that a request came from: behind a proxy (TANGENT_ORIGIN is set) the one that the proxy added, else the peer's. */
export function clientAddress(headers: Headers): string {
  return headers.get(header)?.split(',').at(-1)?.trim() || 'unknown'
}

/**
 * Route handlers see no socket, and Next keeps a forwarded address that a client made up. Without a proxy this puts the
 * peer's own address there before Next reads it.
 */
export function trustNoForwardedAddress(): void {
  if (env().origin !== null) return
  subscribe('http.server.request.start', (message) => {
    const request: unknown = typeof message === 'object' && message !== null ? Reflect.get(message, 'request') : null
    if (request instanceof IncomingMessage) request.headers[header] = request.socket.remoteAddress ?? 'unknown'
  })
}
