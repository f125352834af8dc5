import { summarize, type Summary } from '../statistics.ts'
import { changingName, steps, type Step } from './farms.ts'
import type { ChangeSite } from './site.ts'

export const rounds = 15

/** Rounds before those that count: programs that were just started are slow. */
const warmUp = 3

/** One kind of change with so many farms beside it, in milliseconds: through the API, the engine alone and its parts, and a bare nft. */
export type Measured = { what: string; farms: number; api: Summary; engine: Summary; plan: Summary; apply: Summary; converge: Summary; bare: Summary }

type Times = Record<'api' | 'engine' | 'plan' | 'apply' | 'converge' | 'bare', number[]>

/** Makes each change in all three ways, in turns, again and again. */
export async function measureChanges({ appliance, engine, bare }: ChangeSite, farms: number): Promise<Measured[]> {
  const all = new Map<string, Times>(steps.map(({ what }) => [what, { api: [], engine: [], plan: [], apply: [], converge: [], bare: [] }]))
  for (let round = -warmUp; round < rounds; round++) {
    for (const step of steps) {
      const times = all.get(step.what)
      const api = await throughApi(appliance.api, step)
      const { plan = Number.NaN, apply = Number.NaN } = await engine.change(changingName, step.farm)
      const { nft, converge } = await bare.change(changingName, step.farm)
      for (const [key, ms] of Object.entries({ api, engine: plan + apply, plan, apply, converge, bare: nft })) if (round >= 0) times?.[key as keyof Times].push(ms)
    }
  }
  return [...all].map(([what, times]) => ({ what, farms, ...(Object.fromEntries(Object.entries(times).map(([key, list]) => [key, summarize(list)])) as Record<keyof Times, Summary>) }))
}

/** Milliseconds from the request to the reply that says that the kernel has the change. */
async function throughApi(api: ChangeSite['appliance']['api'], { what, method, path, body }: Step): Promise<number> {
  const begun = performance.now()
  const answer = await api.call(method, `/farms/${changingName}${path}`, body, what === 'new farm' ? {} : { 'if-match': '*' })
  const took = performance.now() - begun
  if (answer.status >= 300 || (answer.body as { pending?: boolean }).pending !== false) throw new Error(`"${what}" did not reach the kernel: ${JSON.stringify(answer)}`)
  return took
}
