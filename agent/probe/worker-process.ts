import type { Log } from '../log.ts'
import { runToTalk } from '../run.ts'
import { reportSchema, type Order, type Report } from './messages.ts'

/** A running worker. `tell` resolves when the worker's input has room for more. */
export type Worker = { pid: number; tell: (order: Order) => Promise<void>; stop: () => Promise<void> }

/** Where its probes start: in the agent's network namespace, or in one of the worker's own that vanishes with it. */
export type Place = 'here' | 'own-namespace'

export type WorkerEvents = { report: (report: Report) => void; exit: (reason: string) => void }

/** How long a worker may take to end before it is killed, in ms. */
const patienceMs = 2000

/** Root of the file system only by its name: all it may do beyond an ordinary user is to send pings. */
const harmless = ['setpriv', '--inh-caps', '-all', '--bounding-set', '-all,+net_raw', '--no-new-privs', '--pdeathsig', 'KILL']

/** Starts the worker program; `ready` is the first thing that it reports. The kernel kills it when the agent dies. */
export function startWorker(program: string, place: Place, on: WorkerEvents, log: Log): Worker {
  const argv = [...(place === 'own-namespace' ? ['unshare', '--net'] : []), ...harmless, process.execPath, program, place]
  let gone = (): void => undefined
  let complaint = ''
  const ended = new Promise<void>((resolve) => (gone = resolve))
  const { child } = runToTalk(argv[0] ?? '', argv.slice(1), {
    line: (line) => {
      const report = reportSchema.safeParse(parse(line))
      if (report.success) on.report(report.data)
      else {
        log.warn({ line: line.slice(0, 200) }, 'a probe worker speaks nonsense and is ended')
        child.kill('SIGKILL')
      }
    },
    complaint: (line) => {
      complaint = line.slice(0, 500)
      log.warn({ complaint }, 'a probe worker complains')
    },
    exit: (reason) => {
      gone()
      on.exit(complaint === '' ? reason : `${reason}: ${complaint}`)
    },
  })
  return {
    pid: child.pid ?? 0,
    tell: (order) =>
      new Promise((resolve) => {
        if (child.stdin?.write(`${JSON.stringify(order)}\n`) !== false) resolve()
        else void Promise.race([new Promise((drained) => child.stdin?.once('drain', drained)), ended]).then(() => resolve())
      }),
    stop: async () => {
      child.stdin?.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      await ended
      clearTimeout(timer)
    },
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
