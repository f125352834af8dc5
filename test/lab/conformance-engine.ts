import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { root } from '#scripts/setup/project.mjs'
import { inside } from './command.ts'
import type { Machine, Topology } from './topology.ts'

/** `start` brings the engine up with farms, `change` goes from what it has to these, `verify` compares everything with the kernel, `repair` puts it right. */
export type EngineAsk = { do: 'start' | 'change' | 'repair'; farms: NftlbFarm[] } | { do: 'verify' | 'stop' }
/** What differs in the kernel after a change or a look, in words, and the farms that the engine could not take. */
export type EngineAnswer = { mismatches: string[]; rejected: string[] }

export type LoneEngine = { ask: (ask: EngineAsk) => Promise<EngineAnswer>; kill: () => void }

/** Starts one engine by itself on a machine, without agent and console: for what can only be said to an engine. It ends with the topology or by `stop`. */
export async function startEngine(topology: Topology, machine: Machine, engine: 'native' | 'nftlb'): Promise<LoneEngine> {
  const folder = join(topology.folder, `engine-${engine}`)
  await mkdir(folder, { recursive: true })
  const outfile = join(folder, 'engine.mjs')
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" }
  await build({ entryPoints: [join(root, 'test/lab/conformance-engine-program.ts')], outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm', banner, logLevel: 'error' })
  const [program = '', ...args] = inside(machine.namespace, [process.execPath, outfile, engine, folder])
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The program of engine ${engine} ended with code ${String(code)}.`)
  })
  ended.catch(() => undefined)
  return {
    kill: () => void child.kill('SIGKILL'),
    ask: async (ask) => {
      const line = once(lines, 'line')
      child.stdin.write(`${JSON.stringify(ask)}\n`)
      const [text] = await Promise.race([line, ended])
      const answer = JSON.parse(String(text)) as EngineAnswer | { error: string } // Written by conformance-engine-program.ts of the same build.
      if ('error' in answer) throw new Error(answer.error)
      return answer
    },
  }
}
