import { createHash } from 'node:crypto'
import type { Log } from '../log.ts'
import type { Finding, Question } from './messages.ts'
import { openSingles } from './singles.ts'
import type { ProbeResult } from './target.ts'
import { startWorker, type Place, type Worker } from './worker-process.ts'

/** What must stand before a worker can ask. */
export type Ground = {
  /** Builds it around a worker that has just begun; whatever was there before is removed. */
  build: (pid: number) => Promise<void>
  /** Takes note of what changed since the last call. What comes back follows it: after the worker forgot old questions, before it gets new ones. */
  changes: () => () => Promise<void>
  remove: () => Promise<void>
}

/** A question before it has its place in the schedule. */
export type Draft = Omit<Question, 'key' | 'phase'>

/** A worker that is there while there is something to ask, and what it has to ask. */
export type Crew = {
  /** Asks under this id from now on, instead of what was asked before. */
  set: (id: string, draft: Draft) => void
  drop: (id: string) => void
  once: (draft: Draft) => Promise<Omit<ProbeResult, 'id'>>
  /** What stands in the way; null when nothing does. */
  trouble: () => string | null
  /** Looks at the ground again. */
  refresh: () => void
  /** Builds everything again because it does not work any more. */
  rebuild: (reason: string) => void
  /** Probes that could not begin in time since the last call. */
  missed: () => number
  stop: () => Promise<void>
}

export type CrewParts = { program: string; place: Place; ground: Ground; result: (result: ProbeResult) => void; log: Log }

/** In ms: how long a worker without anything to ask stays, the longest pause before one is started again, and after which time one has proved itself. */
const lingerMs = 30_000
const longestPauseMs = 30_000
const steadyMs = 60_000

/** How often it is looked whether the worker said something, in ms, and how many times in a row it may have said nothing. */
const lookMs = 1000
const patience = 10

/** Starts the worker when the first question comes, tells it changes in batches, and starts it again with all questions when it dies. */
export function openCrew({ program, place, ground, result, log }: CrewParts): Crew {
  const keys = new Map<string, number>()
  const questions = new Map<number, { id: string; question: Question }>()
  const untold = new Set<number>()
  const dropped = new Set<number>()
  const singles = openSingles(wake)
  let lastKey = 0
  let worker: Worker | null = null
  let starting: Worker | null = null
  let working: Promise<void> | null = null
  let due = false
  let stopped = false
  let pauseMs = 0
  let missed = 0
  let trouble: string | null = null
  let pause: NodeJS.Timeout | null = null
  let linger: NodeJS.Timeout | null = null
  let lingered = false
  let startedAt = 0
  let quiet = 0

  // Counted in looks, since what the worker said is read between two of them, however long this process itself did not run.
  const look = setInterval(() => {
    quiet += 1
    if (quiet <= patience) return
    if (worker) void fail('the worker hangs')
    else void starting?.stop()
  }, lookMs)

  const idle = (): boolean => questions.size + singles.open() === 0

  function wake(): void {
    due = true
    if (stopped || pause) return
    working ??= work().finally(() => {
      working = null
      if (due && !stopped && !pause) wake()
    })
  }

  async function work(): Promise<void> {
    // What one pass changes comes in one batch.
    await new Promise((resolve) => setImmediate(resolve))
    while (due && !stopped && !pause) {
      due = false
      try {
        await turn()
      } catch (error) {
        await fail(error instanceof Error ? error.message : String(error))
      }
    }
  }

  async function turn(): Promise<void> {
    if (idle() && !worker) return
    if (idle() && lingered) return leave()
    stay()
    worker ??= await start().finally(() => (starting = null))
    const now = worker
    // All of one moment: what comes while this is brought about is for the next turn, ways and questions alike.
    const follow = ground.changes()
    const gone = [...dropped]
    const news = [...untold].flatMap((key) => questions.get(key)?.question ?? [])
    const asked = singles.next()
    dropped.clear()
    untold.clear()

    if (gone.length > 0) await now.tell({ do: 'drop', keys: gone })
    await follow()
    if (news.length > 0) await now.tell({ do: 'set', questions: news })
    for (const question of asked) await now.tell({ do: 'once', question })
    if (worker === now) trouble = null
  }

  /** Without questions the worker stays for a while: the next one may come soon. */
  function stay(): void {
    if (idle()) {
      linger ??= setTimeout(() => {
        lingered = true
        wake()
      }, lingerMs)
      return
    }
    if (linger) clearTimeout(linger)
    linger = null
    lingered = false
  }

  function start(): Promise<Worker> {
    startedAt = performance.now()
    quiet = 0
    dropped.clear()
    for (const key of questions.keys()) untold.add(key)
    return new Promise((resolve, reject) => {
      const one: Worker = (starting = startWorker(program, place, {
        report: (report) => {
          quiet = 0
          if (report.tell === 'answer') singles.answer(report.finding)
          else if (report.tell === 'found') {
            missed += report.missed
            report.findings.forEach(hear)
          } else
            ground.build(one.pid).then(() => resolve(one), (error: unknown) => {
              void one.stop()
              reject(error instanceof Error ? error : new Error(String(error)))
            })
        },
        exit: (reason) => {
          reject(new Error(reason))
          if (worker === one) void fail(reason)
        },
      }, log))
    })
  }

  /** A finding about what is no longer asked is dropped: it was under way. */
  function hear({ key, ...finding }: Finding): void {
    const known = questions.get(key)
    if (known) result({ ...finding, id: known.id })
  }

  /** Ends the worker, says why to whoever waits for it, and tries again later. */
  async function fail(reason: string): Promise<void> {
    if (stopped) return
    trouble = reason.split('\n')[0] ?? ''
    log.warn({ reason, place }, 'probes are interrupted')
    singles.refuse(trouble)
    if (performance.now() - startedAt > steadyMs) pauseMs = 0
    const old = worker
    worker = null
    due = true
    pause ??= setTimeout(() => {
      pause = null
      wake()
    }, pauseMs)
    pauseMs = Math.min(Math.max(1000, pauseMs * 2), longestPauseMs)
    await old?.stop()
  }

  async function leave(): Promise<void> {
    if (linger) clearTimeout(linger)
    linger = null
    lingered = false
    const old = worker
    worker = null
    await old?.stop()
    await ground.remove()
  }

  function remove(id: string): void {
    const key = keys.get(id)
    if (key === undefined) return
    keys.delete(id)
    questions.delete(key)
    if (!untold.delete(key)) dropped.add(key)
  }

  return {
    set: (id, draft) => {
      remove(id)
      const key = (lastKey += 1)
      keys.set(id, key)
      questions.set(key, { id, question: { key, phase: phaseOf(id, draft.monitor), ...draft } })
      untold.add(key)
      wake()
    },
    drop: (id) => {
      remove(id)
      wake()
    },
    once: async (draft) => {
      const asked = singles.ask({ key: (lastKey += 1), phase: 0, ...draft })
      wake()
      const { key: _, ...found } = await asked
      return found
    },
    trouble: () => trouble,
    refresh: () => {
      if (worker) wake()
    },
    rebuild: (reason) => {
      if (worker) void fail(reason)
    },
    missed: () => {
      const count = missed
      missed = 0
      return count
    },
    stop: async () => {
      stopped = true
      clearInterval(look)
      if (pause) clearTimeout(pause)
      singles.refuse('the agent ends.')
      await Promise.all([starting?.stop(), working])
      await leave()
    },
  }
}

/** Probes are spread over their interval by their id. Echoes of one interval begin together: they share one program. */
export function phaseOf(id: string, monitor: Draft['monitor']): number {
  if (monitor.type === 'icmp') return 0
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32
}
