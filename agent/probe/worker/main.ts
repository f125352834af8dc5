import { createInterface } from 'node:readline'
import { orderSchema, type Finding, type Order, type Report } from '../messages.ts'
import { ask } from './ask.ts'
import { forgetConnectionsSoon } from './kernel-settings.ts'
import { runSchedule } from './schedule.ts'

/**
 * The program that sends probes:  node prober.mjs here|own-namespace
 * Orders come as JSON lines on its standard input, reports leave on its standard output, and it ends with its input.
 */

/** Time in which findings are gathered before they are told together, in ms. */
const gatherMs = 20

/** How often it is told that this process runs at all, in ms. */
const aliveMs = 1000

/** The newest finding of each question that is not told yet: there can never be more of them than questions. */
const untold = new Map<number, Finding>()
let flushing = false
const isolated = process.argv[2] === 'own-namespace'
let tracked = false

const schedule = runSchedule((question, done) =>
  ask(question, (finding) => {
    done()
    untold.set(finding.key, finding)
    flushSoon()
  }),
)

function tell(report: Report): boolean {
  return process.stdout.write(`${JSON.stringify(report)}\n`)
}

function flushSoon(): void {
  if (flushing) return
  flushing = true
  setTimeout(flush, gatherMs)
}

/** When the agent does not keep up, findings wait until it does. */
function flush(): void {
  const findings = [...untold.values()]
  untold.clear()
  const room = tell({ tell: 'found', findings, missed: schedule.missed() })
  const next = (): void => {
    flushing = false
    if (untold.size > 0) flushSoon()
  }
  if (room) next()
  else process.stdout.once('drain', next)
}

function follow(order: Order): void {
  if (order.do === 'drop') return schedule.drop(order.keys)
  if (isolated && !tracked) forgetConnectionsSoon()
  tracked = true
  if (order.do === 'set') schedule.set(order.questions)
  else ask(order.question, (finding) => tell({ tell: 'answer', finding }))
}

createInterface({ input: process.stdin })
  .on('line', (line) => follow(orderSchema.parse(JSON.parse(line))))
  .on('close', () => process.exit(0))
process.stdout.on('error', () => process.exit(0))
setInterval(flushSoon, aliveMs)
tell({ tell: 'ready' })
