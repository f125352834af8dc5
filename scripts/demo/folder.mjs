import { join } from 'node:path'
import { readSettings } from '../setup/settings.mjs'

/** Where a running demo is found: its control socket, and the prefix of its namespaces for whoever cleans up after a crash. */
export function demoFolder() {
  const folder = join(readSettings().stateDir, 'demo')
  return { folder, socket: join(folder, 'control.sock'), prefixFile: join(folder, 'prefix') }
}
