import { resolve } from 'node:path'

/** Where a permanent installation keeps its parts. */
export const paths = {
  program: '/opt/tangent',
  settings: '/etc/tangent',
  consoleState: '/var/lib/tangent',
  agentState: '/var/lib/tangent-agent',
  units: '/etc/systemd/system',
}

export const user = 'tangent'
export const units = ['tangent-agent.service', 'tangent-console.service']

/** What is copied out of the built project: source in the project, target below the program's folder. */
export const copies = [
  ...['server.js', 'package.json', '.next', 'node_modules'].map((name) => [`.next/standalone/${name}`, `console/${name}`]),
  ['prisma/migrations', 'console/prisma/migrations'],
  ['prisma/migrate.mjs', 'console/prisma/migrate.mjs'],
  ['dist/first-run.mjs', 'console/first-run.mjs'],
  ['dist/token.mjs', 'console/token.mjs'],
  ['dist/agent.mjs', 'agent/agent.mjs'],
  ['dist/prober.mjs', 'agent/prober.mjs'],
]

/** True when a service can start this Node: one in a home folder is out of its reach, and is copied. */
export function isSystemNode(path) {
  return ['/usr/bin/node', '/usr/local/bin/node'].includes(resolve(path))
}

/** Settings that stay when a newer version is installed. */
export const settingsFiles = {
  'console.env': `# Settings of the console; "systemctl restart tangent-console" makes them count.
# TANGENT_PORT=3000
# Plain HTTP: leave it at 127.0.0.1 and put a proxy that speaks TLS before it.
# TANGENT_HOST=127.0.0.1
# TANGENT_ORIGIN=https://tangent.example.net
`,
  'agent.env': `# Settings of the agent; "systemctl restart tangent-agent" makes them count. Traffic goes on meanwhile.
# TANGENT_LOG_LEVEL=info
`,
}

/** Why services cannot be installed here, with what to do; null when they can. */
export function installObstacle({ systemd, root }) {
  if (!systemd) return 'systemd does not run this machine, so there is nothing to install services into. "npm run up" runs console and agent in the foreground; docker-compose.yml runs them in containers.'
  if (!root) return 'Services belong to root: run "sudo npm run install:system".'
  return null
}
