import { hitless } from '#lib/domain/plan.ts'
import type { NftlbFarm } from '#lib/render/nftlb.ts'
import { NotApplied, type Engine, type EngineStep, type Mismatch } from './engine.ts'
import { movedShare, shown } from './nftlb/impact.ts'
import { arrivalImpact } from './native/impact.ts'

type Work = { engine: Engine; step: EngineStep }

/** True for a farm that the native engine serves: a DSR farm with the scheduler that only it has. */
export function isNative(farm: Pick<NftlbFarm, 'mode' | 'scheduler'>): boolean {
  return farm.mode === 'dsr' && farm.scheduler === 'maglev'
}

/**
 * Both engines as one. The native engine looks at packets first, so a farm moves without a gap: it comes into the native engine
 * before it leaves nftlb, and into nftlb before it leaves the native one.
 */
export function bothEngines(native: Engine, nftlb: Engine): Engine {
  const both = [native, nftlb]
  const nameOf = (engine: Engine): string => (engine === native ? 'native' : 'nftlb')
  const engineOf = (farm: NftlbFarm): Engine => (isNative(farm) ? native : nftlb)
  /** What was applied since the last look, by engine, and engines in which something went wrong. */
  const touched = new Map<Engine, Set<string>>(both.map((engine) => [engine, new Set()]))
  const troubled = new Set<Engine>()
  /** Engines that have a farm to serve. */
  const needed = new Set<Engine>()

  const split = (engine: Engine, farms: readonly NftlbFarm[]): NftlbFarm[] => farms.filter((farm) => engineOf(farm) === engine)

  function plan(current: readonly NftlbFarm[], wanted: readonly NftlbFarm[]): EngineStep<Work>[] {
    const [ours, theirs] = both.map((engine) => {
      const has = current.flatMap(({ name }) => engine.held(name) ?? [])
      return engine.plan(has, split(engine, wanted)).map((step): EngineStep<Work> => moving(step, engine, current, wanted))
    })
    const leaves = (step: EngineStep): boolean => step.action === 'delete'
    return [...(ours ?? []).filter((step) => !leaves(step)), ...(theirs ?? []), ...(ours ?? []).filter(leaves)]
  }

  /** A farm that one engine takes from the other is one move in the eyes of people, whatever the engines call it. */
  function moving(step: EngineStep, engine: Engine, current: readonly NftlbFarm[], wanted: readonly NftlbFarm[]): EngineStep<Work> {
    const work = { engine, step }
    const other = engine === native ? nftlb : native
    const here = wanted.find((farm) => shown(farm.name) === step.farm)
    const before = here && current.find(({ name }) => name === here.name)
    if (here && before && step.action === 'create' && other.held(here.name)) {
      return { ...step, action: 'move', text: `Move farm ${step.farm} to the ${nameOf(engine)} engine.`, impact: arrivalImpact(movedShare(before, here), here.protocol), work }
    }
    if (here && step.action === 'delete') return { ...step, text: `Remove farm ${step.farm} from the ${nameOf(engine)} engine.`, impact: hitless, work }
    return { ...step, work }
  }

  async function apply(step: EngineStep): Promise<void> {
    const { engine, step: inner } = step.work as Work
    try {
      await engine.apply(inner)
      if (inner.farm !== null) touched.get(engine)?.add(inner.farm)
      needed.add(engine)
    } catch (error) {
      troubled.add(engine)
      throw error
    }
  }

  async function verify(names: readonly string[] | 'all'): Promise<Mismatch[]> {
    const found: Mismatch[] = []
    for (const engine of both) {
      const own = touched.get(engine)
      const mine = names === 'all' ? names : names.filter((name) => own?.has(shown(name)))
      if (mine !== 'all' && mine.length === 0) continue
      const mismatches = engine.state().running ? await look(engine, mine) : await wake(engine)
      own?.clear()
      if (mismatches.length > 0) troubled.add(engine)
      found.push(...mismatches)
    }
    return found
  }

  async function look(engine: Engine, names: readonly string[] | 'all'): Promise<Mismatch[]> {
    try {
      return await engine.verify(names)
    } catch (error) {
      troubled.add(engine)
      throw error
    }
  }

  /** An engine that ended without having a farm is started again when somebody looks; whether it succeeds matters to nobody now. */
  async function wake(engine: Engine): Promise<Mismatch[]> {
    if (!needed.has(engine)) await engine.start([]).catch(() => undefined)
    return []
  }

  /** Each engine gets its farms, whatever the other one does. Throws NotApplied with those that are not in force. */
  async function bring(how: 'start' | 'repair', wanted: readonly NftlbFarm[]): Promise<void> {
    const lacking: string[] = []
    let cause: unknown = null
    for (const engine of both) {
      const farms = split(engine, wanted)
      needed.delete(engine)
      if (farms.length > 0) needed.add(engine)
      // The native engine only mends what differs; nftlb builds everything anew, so it needs a reason.
      if (engine === nftlb && how === 'repair' && !troubled.has(nftlb) && nftlb.state().running) continue
      try {
        await engine[how](farms)
        troubled.delete(engine)
      } catch (error) {
        troubled.add(engine)
        // Without a farm of its own, an engine that does not run hurts nobody.
        lacking.push(...farms.map(({ name }) => name))
        if (farms.length > 0) cause ??= error
      }
    }
    for (const names of touched.values()) names.clear()
    if (lacking.length > 0) throw new NotApplied(lacking, cause)
  }

  return {
    start: (wanted) => bring('start', wanted),
    repair: (wanted) => bring('repair', wanted),
    plan,
    apply,
    verify,
    rejected: () => new Map([...native.rejected(), ...nftlb.rejected()]),
    held: (name) => native.held(name) ?? nftlb.held(name),
    holder: (name) => native.holder(name) ?? nftlb.holder(name),
    counters: async () => [...(await native.counters()), ...(await nftlb.counters())],
    handover: (name) => native.handover(name),
    targets: (farm) => engineOf(farm).targets(farm),
    ruleset: (farm) => engineOf(farm).ruleset(farm),
    state: () => {
      const states = both.map((engine) => ({ ...engine.state(), needed: needed.has(engine) }))
      return {
        running: states.every((one) => one.running || !one.needed),
        engines: states.flatMap((one) => one.engines),
        faults: states.flatMap((one) => (one.needed ? one.faults : [])),
      }
    },
    stop: async () => {
      await native.stop()
      await nftlb.stop()
    },
  }
}
