import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from '#scripts/setup/project.mjs'
import { inside } from './command.ts'
import type { Machine } from './topology.ts'

const sources = join(root, 'test/lab/programs')

/** Bundles the programs that run on the lab's machines, so that plain node starts them at once. */
export async function buildPrograms(folder: string): Promise<void> {
  await build({ entryPoints: [join(sources, 'answerer.ts'), join(sources, 'client.ts')], outdir: folder, outExtension: { '.js': '.mjs' }, bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'error' })
}

/** Starts one of the programs on a machine. It ends with the topology, or by its `kill`. */
export function startProgram(folder: string, machine: Machine, program: 'answerer' | 'client', args: readonly string[]): ChildProcessWithoutNullStreams {
  const [file = '', ...rest] = inside(machine.namespace, [process.execPath, join(folder, `${program}.mjs`), ...args])
  const child = spawn(file, rest, { stdio: 'pipe' })
  child.stderr.on('data', (chunk: Buffer) => process.stderr.write(`${machine.name}: ${chunk}`))
  return child
}
