import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { startProgram, type Program } from './program.ts'
import type { Machine } from './topology.ts'

/** Starts the service that answers with the machine's name, over HTTP and UDP on each port (`ADDRESS/PORT`: at that address alone); resolves when it listens. */
export function startAnswerer(folder: string, machine: Machine, ports: ReadonlyArray<number | `${string}/${number}`>): Promise<ChildProcess> {
  return startService(folder, machine, 'answerer', [machine.name, ...ports.map(String)])
}

/** Starts one of the programs that say when they are ready; resolves then. */
export async function startService(folder: string, machine: Machine, program: Program, args: readonly string[]): Promise<ChildProcess> {
  const child = startProgram(folder, machine, program, args)
  const started = once(child.stdout, 'data')
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The ${program} on ${machine.name} ended with code ${String(code)}.`)
  })
  await Promise.race([started, failed])
  failed.catch(() => undefined)
  return child
}
