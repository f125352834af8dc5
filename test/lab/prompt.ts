import { join } from 'node:path'
import { command, inside } from './command.ts'
import type { Machine, Topology } from './topology.ts'

/**
 * Types a line at the prompt of a backend, in a folder, and answers what stands there then; the last line is the exit status in
 * brackets. The folder is home, too. Whoever sits there is root already, so sudo only runs what follows it.
 */
export function atPrompt({ folder }: Topology, { name, namespace }: Machine, where: string, line: string): Promise<string> {
  const session = ['sudo() { "$@"; }', 'cd "$1"', line, 'echo "[$?]"'].join('\n')
  return command(inside(namespace, ['env', `HOME=${where}`, `TANGENT_BACKEND_STATE=${join(folder, `prepared-${name}`)}`, 'sh', '-c', session, 'sh', where]))
}
