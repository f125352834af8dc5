import type { FarmInput } from '#lib/domain/farm.ts'
import type { Appliance } from '../../lab/appliance.ts'
import type { BareEngine } from './bare-engine.ts'
import { summarize, type Summary } from '../statistics.ts'

export type Comparison = { what: string; ours: Summary; bare: Summary }

const rounds = 21

/** The n-th farm of the load; all use the same three backends. */
export function benchFarm(index: number, weight = 1): FarmInput & { name: string } {
  return {
    name: `bench-${index}`,
    vip: `203.0.113.${100 + (index % 100)}`,
    ports: [String(8000 + index)],
    scheduler: 'symhash',
    backends: [21, 22, 23].map((host, i) => ({ name: `b${i + 1}`, address: `203.0.113.${host}`, weight: i === 0 ? weight : 1 })),
  }
}

/** Loads the same farms into the appliance and into the bare engine. */
export async function load(appliance: Appliance, bare: BareEngine, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    await appliance.api.putFarm(benchFarm(index))
    await bare.post(await rendered(appliance, index))
  }
}

async function rendered(appliance: Appliance, index: number): Promise<unknown> {
  const { farms } = await appliance.api.exportedFarm(`bench-${index}`)
  return { farms }
}

/** The same three changes to both, in turns: a farm that is new, a weight, and the admin state of a backend. */
export async function compareChanges(appliance: Appliance, bare: BareEngine): Promise<Comparison[]> {
  const extra = 900
  const times: Record<string, { ours: number[]; bare: number[] }> = {}
  const note = (what: string, ours: number, other: number): void => {
    const entry = (times[what] ??= { ours: [], bare: [] })
    entry.ours.push(ours)
    entry.bare.push(other)
  }
  for (let round = 0; round < rounds; round++) {
    const created = await timed(appliance, 'PUT', `/farms/bench-${extra}`, benchFarm(extra), {})
    const json = await rendered(appliance, extra)
    note('PUT of a new farm', created, await bare.post(json))

    const weighed = await timed(appliance, 'PUT', `/farms/bench-${extra}`, benchFarm(extra, 2 + round))
    note('PUT of a farm with another weight', weighed, await bare.post(await rendered(appliance, extra)))

    const drained = await timed(appliance, 'PUT', `/farms/bench-${extra}/backends/b2/admin-state`, { adminState: 'draining' })
    note('admin state of a backend', drained, await bare.post({ farms: [{ name: `f_bench_${extra}`, backends: [{ name: 'b_b2', state: 'off' }] }] }))

    await appliance.api.deleteFarm(`bench-${extra}`)
    await bare.remove(`/farms/f_bench_${extra}`)
  }
  return Object.entries(times).map(([what, { ours, bare: other }]) => ({ what, ours: summarize(ours), bare: summarize(other) }))
}

/** Time in ms from the request to the reply that says that the kernel has it. */
async function timed(appliance: Appliance, method: string, path: string, body: unknown, headers: Record<string, string> = { 'if-match': '*' }): Promise<number> {
  const begun = performance.now()
  const answer = await appliance.api.call(method, path, body, headers)
  const took = performance.now() - begun
  if (answer.status >= 300 || (answer.body as { pending?: boolean }).pending !== false) throw new Error(`${method} ${path} did not reach the kernel: ${JSON.stringify(answer)}`)
  return took
}
