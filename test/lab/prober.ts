import { once as onceOf } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ProbeResult, ProbeTarget } from '#agent/probe/target.ts'
import { tooBusy } from '#agent/probe/worker/outcome.ts'
import { root } from '#scripts/setup/project.mjs'
import { startProgram } from './program.ts'
import type { ProbingOrder, ProbingReport } from './programs/probing.ts'
import type { Machine } from './topology.ts'

/** The agent's prober on a machine, without the agent. */
export type LabProber = {
  /** The workers that it has started. */
  workers: () => Promise<number[]>
  watch: (farm: string, targets: readonly ProbeTarget[]) => void
  /** Asks; again when this machine was too busy to hear the answer. */
  once: (target: ProbeTarget) => Promise<ProbeResult>
  /** The results of a target that come from now on, as many as are asked for. */
  results: (id: string, count: number) => Promise<ProbeResult[]>
  /** All results of a target so far. */
  heard: (id: string) => ProbeResult[]
  state: () => Promise<{ missed: number; trouble: string | null }>
  /** Ends it in order, or by a signal. */
  end: (signal?: NodeJS.Signals) => Promise<void>
}

type Without<Key extends ProbingOrder['do']> = Omit<Extract<ProbingOrder, { do: Key }>, 'id'>

/** Starts it with the worker as it was built; `folder` has the bundled program, `around` are a program's arguments that start it. */
export function startProber(folder: string, machine: Machine, around: readonly string[] = []): LabProber {
  const child = startProgram(folder, machine, 'probing', [join(root, 'dist/prober.mjs')], around)
  const ended = onceOf(child, 'exit')
  const heard = new Map<string, ProbeResult[]>()
  const listeners = new Set<(result: ProbeResult) => void>()
  const waiting = new Map<number, (report: ProbingReport) => void>()
  let last = 0

  createInterface({ input: child.stdout }).on('line', (line) => {
    const report = JSON.parse(line) as ProbingReport // Written by programs/probing.ts of the same build.
    if ('result' in report) {
      heard.set(report.result.id, [...(heard.get(report.result.id) ?? []), report.result])
      listeners.forEach((listener) => listener(report.result))
    } else if ('id' in report) waiting.get(report.id)?.(report)
    else process.stderr.write(`${line}\n`)
  })
  child.stdin.on('error', () => undefined)

  const tell = (order: ProbingOrder): void => void child.stdin.write(`${JSON.stringify(order)}\n`)
  const ask = (order: Without<'once'> | Without<'state'>): Promise<ProbingReport> =>
    new Promise((resolve) => {
      const id = (last += 1)
      waiting.set(id, resolve)
      tell({ ...order, id } as ProbingOrder)
    })

  return {
    workers: async () => {
      const children = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).split(' ').filter(Boolean)
      const lines = await Promise.all(children.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')))
      return children.filter((_, index) => lines[index]?.includes('prober.mjs')).map(Number)
    },
    watch: (farm, targets) => tell({ do: 'watch', farm, targets: [...targets] }),
    once: async function once(target): Promise<ProbeResult> {
      const report = await ask({ do: 'once', target })
      if (!('once' in report)) throw new Error('The prober answered something else.')
      return report.once.detail === tooBusy.detail ? once(target) : report.once
    },
    results: (id, count) =>
      new Promise((resolve) => {
        const found: ProbeResult[] = []
        const listener = (result: ProbeResult): void => {
          if (result.id !== id || found.push(result) < count) return
          listeners.delete(listener)
          resolve(found)
        }
        listeners.add(listener)
      }),
    heard: (id) => heard.get(id) ?? [],
    state: async () => {
      const report = await ask({ do: 'state' })
      if (!('state' in report)) throw new Error('The prober answered something else.')
      return report.state
    },
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      if (signal) child.kill(signal)
      else child.stdin.end()
      await ended
    },
  }
}
