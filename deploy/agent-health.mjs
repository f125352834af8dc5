// Exit status 0 when the agent answers on its socket. Used by the health check of its container.
import { request } from 'node:http'

const socketPath = process.env.TANGENT_SOCKET ?? '/run/tangent/agent.sock'
const asked = request({ socketPath, path: '/v1/status', headers: { 'tangent-protocol': '1' }, timeout: 4000 }, (reply) => process.exit(reply.statusCode === 200 ? 0 : 1))
asked.on('timeout', () => process.exit(1))
asked.on('error', () => process.exit(1))
asked.end()
