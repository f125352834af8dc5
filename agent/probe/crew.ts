import type { Log } from '../log.ts'
import type { Finding, Question } from './messages.ts'
import { startWorker, type Worker } from './worker-process.ts'

/** What must stand before a worker can ask; `settle` runs before it is told of new questions, and again after it forgot old ones. */
export type Ground = {
  build: (pid: number) => Promise<void>
  settle: () => Promise<void>
  remove: () => Promise<void>
}

/** A worker that is there while there is something to ask, and what it has to ask. */
export type Crew = {
  set: (question: Question) => void
  drop: (id: string) => void
  once: (question: Question) => Promise<Finding>
  /** What stands in the way; null when nothing does. */
  trouble: () => string | null
  /** Ends the worker; it is started again if there is something to ask. */
  restart: () => void
  missed: () => number
  stop: () => Promise<void>
}

export type CrewParts = { program: string; place: 'here' | 'own-namespace'; ground: Ground | null; found: (finding: Finding) => void; log: Log }

/** How long a worker without anything to ask stays, and the longest pause before one that died is started again, in ms. */
const lingerMs = 30_000
const longestPauseMs = 30_000

/** Starts the worker when the first question comes, tells it changes in batches, and starts it again with all questions when it dies. */
export function openCrew({ program, place, ground, found, log }: CrewParts): Crew {
  const questions = new Map<string, Question>()
  const changed = new Set<string>()
  const asks = new Map<string, { question: Question; told: boolean; answer: (finding: Finding) => void }>()
  let worker: Worker | null = null
  let working: Promise<void> | null = null
  let again = false
  let stopped = false
  let pauseMs = 0
  let missed = 0
  let trouble: string | null = null
  let timer: NodeJS.Timeout | null = null

  function wake(): void {
    if (stopped) return
    again = true
    working ??= work().finally(() => {
      working = null
    })
  }

  async function work(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    while (again && !stopped) {
      again = false
      try {
        await turn()
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error))
      }
    }
  }

  async function turn(): Promise<void> {
    if (timer && questions.size + asks.size > 0 && worker) clear()
    if (!worker) {
      if (timer || questions.size + asks.size === 0) return
      worker = await start()
      for (const id of questions.keys()) changed.add(id)
    }
    const now = worker
    const ids = [...changed]
    changed.clear()
    if (ids.length > 0) await now.tell({ do: 'drop', ids })
    await ground?.settle()
    const news = ids.flatMap((id) => questions.get(id) ?? [])
    if (news.length > 0) await now.tell({ do: 'set', questions: news })
    for (const ask of [...asks.values()].filter(({ told }) => !told)) {
      ask.told = true
      await now.tell({ do: 'once', question: ask.question })
    }
    if (worker === now) trouble = null
    if (questions.size + asks.size === 0) linger()
  }

  async function start(): Promise<Worker> {
    await ground?.remove()
    return new Promise((resolve, reject) => {
      const one: Worker = startWorker(program, place, {
        report: (report) => {
          if (report.tell === 'ready') {
            const built = ground?.build(one.pid) ?? Promise.resolve()
            built.then(() => resolve(one), (error: unknown) => {
              void one.stop()
              reject(error instanceof Error ? error : new Error(String(error)))
            })
          } else if (report.tell === 'answer') answer(report.finding)
          else {
            pauseMs = 0
            missed += report.missed
            report.findings.filter(({ id }) => questions.has(id)).forEach(found)
          }
        },
        exit: (reason) => {
          reject(new Error(reason))
          if (worker !== one) return
          fail(reason)
        },
      }, log)
    })
  }

  function answer(finding: Finding): void {
    asks.get(finding.id)?.answer(finding)
    asks.delete(finding.id)
  }

  /** Ends the worker, says why to whoever waits for it, and tries again later. */
  function fail(reason: string): void {
    if (stopped) return
    trouble = reason
    log.warn({ reason, place, retryMs: pauseMs }, 'a probe worker ended')
    const old = worker
    worker = null
    void old?.stop()
    for (const { question } of asks.values()) answer({ id: question.id, at: Date.now(), ms: 0, reason: 'not-possible', detail: `The probe could not be sent: ${reason}`.slice(0, 500) })
    clear()
    timer = setTimeout(() => {
      timer = null
      wake()
    }, pauseMs)
    pauseMs = Math.min(Math.max(1000, pauseMs * 2), longestPauseMs)
  }

  function linger(): void {
    timer ??= setTimeout(() => {
      timer = null
      void leave().catch((error: unknown) => log.warn({ error: String(error) }, 'leaving the probes failed'))
    }, lingerMs)
  }

  function clear(): void {
    if (timer) clearTimeout(timer)
    timer = null
  }

  async function leave(): Promise<void> {
    const old = worker
    worker = null
    await old?.stop()
    await ground?.remove()
  }

  return {
    set: (question) => {
      questions.set(question.id, question)
      changed.add(question.id)
      wake()
    },
    drop: (id) => {
      questions.delete(id)
      changed.add(id)
      wake()
    },
    once: (question) =>
      new Promise((resolve) => {
        asks.set(question.id, { question, told: false, answer: resolve })
        wake()
      }),
    trouble: () => trouble,
    restart: () => fail('the way of the probes was disturbed and is built again'),
    missed: () => {
      const count = missed
      missed = 0
      return count
    },
    stop: async () => {
      stopped = true
      clear()
      await working
      await leave()
    },
  }
}
