import { createInterface } from 'node:readline'
import { openLog } from '#agent/log.ts'
import type { Engine } from '#agent/engine/engine.ts'
import { nativeEngine } from '#agent/engine/native/native.ts'
import { nftlbEngine } from '#agent/engine/nftlb/nftlb.ts'
import type { EngineAsk, EngineAnswer } from './conformance-engine.ts'

/** One engine by itself, in the network namespace where it runs:  node engine.mjs native|nftlb FOLDER. It is asked by lines of JSON: see conformance-engine.ts. */
const [name = '', folder = ''] = process.argv.slice(2)
const log = openLog('silent')
const engine: Engine = (name === 'native' ? nativeEngine : nftlbEngine)(folder, log, () => undefined)
/** Farms that were ever asked for: the engine knows which of them it has. */
const known = new Set<string>()

async function perform(ask: EngineAsk): Promise<EngineAnswer> {
  if (ask.do === 'start') await engine.start(ask.farms)
  if ('farms' in ask) ask.farms.forEach((farm) => known.add(farm.name))
  if (ask.do === 'change') {
    const steps = engine.plan([...known].flatMap((one) => engine.held(one) ?? []), ask.farms)
    for (const step of steps) await engine.apply(step)
    return { mismatches: (await engine.verify([...known])).map(({ detail }) => detail), rejected: [...engine.rejected().keys()] }
  }
  if (ask.do === 'repair') await engine.repair(ask.farms)
  if (ask.do === 'stop') await engine.stop()
  return { mismatches: ask.do === 'verify' ? (await engine.verify('all')).map(({ detail }) => detail) : [], rejected: [...engine.rejected().keys()] }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const ask = JSON.parse(line) as EngineAsk // The only writer is conformance-engine.ts.
  perform(ask).then(
    (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`, () => (ask.do === 'stop' ? process.exit(0) : undefined)),
    (error: unknown) => process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`),
  )
})
