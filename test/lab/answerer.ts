import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { startProgram } from './program.ts'
import type { Machine } from './topology.ts'

/** Starts the service that answers with the machine's name, over HTTP and UDP on each port (`ADDRESS/PORT`: at that address alone); resolves when it listens. */
export async function startAnswerer(folder: string, machine: Machine, ports: ReadonlyArray<number | `${string}/${number}`>): Promise<ChildProcess> {
  const child = startProgram(folder, machine, 'answerer', [machine.name, ...ports.map(String)])
  const started = once(child.stdout, 'data')
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The service on ${machine.name} ended with code ${String(code)}.`)
  })
  await Promise.race([started, failed])
  failed.catch(() => undefined)
  return child
}
