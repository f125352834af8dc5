import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { nativeEngine } from '#agent/engine/native/native.ts'
import type { Engine } from '#agent/engine/engine.ts'
import { openLog } from '#agent/log.ts'
import { run } from '#agent/run.ts'
import type { Told } from './peer-process.ts'

/**
 * A program inside a network namespace: carries out each request that comes as a JSON line and answers the milliseconds of
 * its parts. It is a bare nft, or the native engine without an agent around it.
 */
const engines: Engine[] = []
const folder = await mkdtemp(join(tmpdir(), 'tangent-bench-'))
const script = join(folder, 'bare.nft')

async function timed(work: () => unknown): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

async function carryOut(told: Told): Promise<Record<string, number>> {
  if (told.do === 'nft') {
    await writeFile(script, told.script)
    return { nft: await timed(() => run('nft', ['-f', script], { timeoutMs: 120_000 })) }
  }
  const running = engines[0] ?? nativeEngine(folder, openLog('error'), () => undefined)
  if (engines.length === 0) engines.push(running)
  if (told.do === 'start') return { start: await timed(() => running.start(told.farms)) }
  const current = [running.held(told.name)].flatMap((farm) => farm ?? [])
  let steps: ReturnType<Engine['plan']> = []
  const plan = await timed(() => (steps = running.plan(current, told.farm ? [told.farm] : [])))
  const apply = await timed(() => Promise.all(steps.map(running.apply)))
  let wrong: unknown[] = []
  const verify = await timed(async () => (wrong = await running.verify([told.name])))
  if (steps.length !== 1 || wrong.length > 0) throw new Error(`The engine took ${steps.length} steps and left ${wrong.length} differences.`)
  return { plan, apply, verify }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await carryOut(JSON.parse(line) as Told).catch((error: unknown) => ({ error: String(error) }))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
for (const engine of engines) await engine.stop()
await rm(folder, { recursive: true })
process.exit(0)
