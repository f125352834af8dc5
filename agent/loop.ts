import { fault, type Fault } from '#lib/domain/fault.ts'
import { nftlbFarmName } from '#lib/render/nftlb.ts'
import type { Changes } from './changes.ts'
import { NotApplied } from './engine/engine.ts'
import type { Log } from './log.ts'
import type { Reconciler } from './reconcile.ts'
import type { Store } from './store.ts'

/** Longest pause between two attempts after a failure, in ms; it starts at 1 s and doubles. */
const longestPauseMs = 60_000

/** Time between two looks at the whole kernel, in ms, and the least share of time that is left free of them. */
const checkEveryMs = 3_000
const checkRest = 20

/** Stands for all farms among those that failed; no farm has an empty name. */
const everyFarm = ''

export type Loop = {
  /** Asks for a pass over these farms; resolves when the pass that holds them has ended, well or not. */
  request: (names: Iterable<string>) => Promise<void>
  /** Asks for a look at everything: something happened that may have changed the kernel. */
  suspect: () => void
  appliedGeneration: () => number
  isApplied: (name: string) => boolean
  faults: () => Fault[]
  stop: () => Promise<void>
}

type Job = { names: Set<string>; done: Promise<void>; finish: () => void }

/**
 * One pass at a time. Requests that come while a pass runs share the next one. Farms whose pass failed are tried again
 * with growing pauses, and the kernel is compared with everything every few seconds.
 */
export function runLoop(store: Store, reconciler: Reconciler, engineRuns: () => boolean, changes: Changes, log: Log): Loop {
  const failed = new Map<string, string>()
  let applied = 0
  let queued: Job | null = null
  let working: Promise<void> | null = null
  let started = false
  let tried = false
  let suspicious = false
  let pauseMs = 1000
  let retryTimer: NodeJS.Timeout | null = null
  let checkTimer: NodeJS.Timeout | null = null
  let stopped = false

  function job(): Job {
    if (queued) return queued
    let finish = (): void => undefined
    const done = new Promise<void>((resolve) => (finish = resolve))
    queued = { names: new Set(), done, finish }
    return queued
  }

  function request(names: Iterable<string>): Promise<void> {
    const one = job()
    for (const name of names) one.names.add(name)
    wake()
    return one.done
  }

  function wake(): void {
    if (working || stopped) return
    working = work().finally(() => {
      working = null
      if (queued && !stopped) wake()
    })
  }

  async function work(): Promise<void> {
    while (queued && !stopped) {
      const one = queued
      queued = null
      await turn(one)
      one.finish()
    }
  }

  async function turn({ names }: Job): Promise<void> {
    if (!store.known()) return
    const generation = store.wanted.generation
    const due = [...new Set([...names, ...failed.keys()])].filter((name) => name !== everyFarm)
    const looking = suspicious
    let whole = false
    suspicious = false
    try {
      if (!started || !engineRuns()) {
        whole = true
        await reconciler.revive(store.wanted.farms, started ? 'repair' : 'start')
        started = true
        failed.clear()
      } else if (due.length > 0) await reconciler.pass(due, store.wanted.farms)
      whole ||= looking
      if (looking) await reconciler.check(store.wanted.farms)
      failed.clear()
      applied = generation
      pauseMs = 1000
    } catch (error) {
      // A retry of the farms alone would find nothing to do and call a kernel right that nobody looked at.
      suspicious ||= looking
      const reason = error instanceof Error ? error.message : String(error)
      log.error({ error: reason, farms: due.slice(0, 20), retryMs: pauseMs }, 'a pass failed')
      if (error instanceof NotApplied) failed.clear()
      for (const name of missing(error) ?? (whole ? [...due, everyFarm] : due)) failed.set(name, reason)
      retry()
    }
    tried = true
    changes.bump()
  }

  /** The farms that an error is about, when it is about some only. */
  function missing(error: unknown): string[] | null {
    if (!(error instanceof NotApplied)) return null
    const lacking = new Set(error.farms)
    return [...store.wanted.farms.keys()].filter((name) => lacking.has(nftlbFarmName(name)))
  }

  function retry(): void {
    if (retryTimer || stopped) return
    retryTimer = setTimeout(() => {
      retryTimer = null
      void request([])
    }, pauseMs)
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  }

  function scheduleCheck(ms: number): void {
    if (stopped) return
    checkTimer = setTimeout(async () => {
      suspicious = true
      const begun = performance.now()
      await request([])
      scheduleCheck(Math.max(checkEveryMs, (performance.now() - begun) * checkRest))
    }, ms)
  }

  scheduleCheck(checkEveryMs)
  return {
    request,
    suspect: () => {
      suspicious = true
      void request([])
    },
    appliedGeneration: () => applied,
    isApplied: (name) => tried && !failed.has(name) && !failed.has(everyFarm),
    faults: () => [...new Set(failed.values())].map((reason) => fault('apply-failed', `${reason}.`)),
    stop: async () => {
      stopped = true
      for (const timer of [retryTimer, checkTimer]) if (timer) clearTimeout(timer)
      await working
    },
  }
}
