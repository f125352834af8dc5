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
  let needsNftlb = false

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
      return { ...step, action: 'move', text: `Move farm ${step.farm} to engine ${nameOf(engine)}.`, impact: arrivalImpact(movedShare(before, here), here.protocol), work }
    }
    if (here && step.action === 'delete') return { ...step, text: `Take what engine ${nameOf(engine)} had of farm ${step.farm} away.`, impact: hitless, work }
    return { ...step, work }
  }

  async function apply(step: EngineStep): Promise<void> {
    const { engine, step: inner } = step.work as Work
    try {
      await engine.apply(inner)
      if (inner.farm !== null) touched.get(engine)?.add(inner.farm)
      if (engine === nftlb) needsNftlb = true
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
      const mismatches = engine === nftlb && !nftlb.state().running ? await wake() : await engine.verify(mine)
      own?.clear()
      if (mismatches.length > 0) troubled.add(engine)
      found.push(...mismatches)
    }
    return found
  }

  /** An nftlb that died without having a farm is started again when somebody looks; whether it succeeds matters to nobody now. */
  async function wake(): Promise<Mismatch[]> {
    if (!needsNftlb) await nftlb.start([]).catch(() => undefined)
    return []
  }

  /** What the native engine has is right whether nftlb runs or not. Throws NotApplied with the farms of nftlb when that does not. */
  async function bring(how: 'start' | 'repair', wanted: readonly NftlbFarm[]): Promise<void> {
    const farms = split(nftlb, wanted)
    needsNftlb = farms.length > 0
    const rebuilds = how === 'start' || troubled.size === 0 || troubled.has(nftlb) || !nftlb.state().running
    await native[how](split(native, wanted))
    for (const names of touched.values()) names.clear()
    troubled.delete(native)
    if (!rebuilds) return
    try {
      await nftlb[how](farms)
      troubled.delete(nftlb)
    } catch (error) {
      // Without a farm of its own, an nftlb that does not run hurts nobody; its fault says so.
      if (needsNftlb) throw new NotApplied(farms.map(({ name }) => name), error)
    }
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
    ruleset: (farm) => engineOf(farm).ruleset(farm),
    state: () => {
      const [ours, theirs] = [native.state(), nftlb.state()]
      return { running: ours.running && (theirs.running || !needsNftlb), engines: [...ours.engines, ...theirs.engines], faults: [...ours.faults, ...(needsNftlb ? theirs.faults : [])] }
    },
    stop: async () => {
      await native.stop()
      await nftlb.stop()
    },
  }
}
