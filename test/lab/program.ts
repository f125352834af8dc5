import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from '#scripts/setup/project.mjs'
import { inside } from './command.ts'
import type { Machine } from './topology.ts'

export type Program = 'answerer' | 'client' | 'monitored' | 'probing'

const sources = join(root, 'test/lab/programs')

/** A CommonJS dependency inside an ES module bundle still calls require(). */
const banner = "import { createRequire as bundledRequire } from 'node:module'; const require = bundledRequire(import.meta.url);"

/** Bundles programs that run on the lab's machines, so that plain node starts them at once. */
export async function buildPrograms(folder: string, names: readonly Program[] = ['answerer', 'client']): Promise<void> {
  await build({ entryPoints: names.map((name) => join(sources, `${name}.ts`)), outdir: folder, outExtension: { '.js': '.mjs' }, bundle: true, platform: 'node', target: 'node20', format: 'esm', banner: { js: banner }, logLevel: 'error' })
}

/** Starts one of the programs on a machine, by way of another program's arguments `around` it. It ends with the topology, or by its `kill`. */
export function startProgram(folder: string, machine: Machine, program: Program, args: readonly string[], around: readonly string[] = []): ChildProcessWithoutNullStreams {
  const [file = '', ...rest] = inside(machine.namespace, [...around, process.execPath, join(folder, `${program}.mjs`), ...args])
  const child = spawn(file, rest, { stdio: 'pipe' })
  child.stderr.on('data', (chunk: Buffer) => process.stderr.write(`${machine.name}: ${chunk}`))
  return child
}
