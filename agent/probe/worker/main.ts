import { createInterface } from 'node:readline'
import { orderSchema, type Finding, type Order, type Report } from '../messages.ts'
import { runSchedule } from './schedule.ts'

/** Time in which findings are gathered before they are told together, in ms. */
const gatherMs = 20

/** The newest finding of each probe that is not told yet: there can never be more of them than probes. */
const untold = new Map<string, Finding>()
let gathering = false
let missed = 0

function tell(report: Report): boolean {
  return process.stdout.write(`${JSON.stringify(report)}\n`)
}

function gather(finding: Finding): void {
  untold.set(finding.id, finding)
  if (gathering) return
  gathering = true
  setTimeout(flush, gatherMs)
}

/** When the agent does not keep up, findings wait here until it does. */
function flush(): void {
  missed += schedule.missed()
  const findings = [...untold.values()]
  untold.clear()
  const fits = tell({ tell: 'found', findings, missed })
  missed = 0
  if (!fits) process.stdout.once('drain', next)
  else next()
}

function next(): void {
  gathering = untold.size > 0
  if (gathering) setTimeout(flush, gatherMs)
}

function follow(order: Order): void {
  if (order.do === 'set') schedule.set(order.questions)
  else if (order.do === 'drop') schedule.drop(order.ids)
  else void schedule.once(order.question).then((finding) => tell({ tell: 'answer', finding }))
}

const schedule = runSchedule(gather)
createInterface({ input: process.stdin })
  .on('line', (line) => follow(orderSchema.parse(JSON.parse(line))))
  .on('close', () => process.exit(0))
process.stdout.on('error', () => process.exit(0))
tell({ tell: 'ready' })
