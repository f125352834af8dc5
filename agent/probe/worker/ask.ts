import type { Finding, Question } from '../messages.ts'
import { askDns } from './dns.ts'
import { askEcho } from './echo.ts'
import { askHttp } from './http.ts'
import { askUdp } from './datagram.ts'
import { silent, tooBusy, type Ask, type Outcome } from './outcome.ts'
import { stalledSince, watchStalls } from './stalls.ts'
import { askTcp } from './tcp.ts'

/** How each type is asked over the network; arp is asked of the neighbour table, by the agent itself. */
const asks: Partial<Record<Question['monitor']['type'], Ask>> = { tcp: askTcp, http: askHttp, https: askHttp, dns: askDns, udp: askUdp, icmp: askEcho }

/** fping keeps the time itself and begins with some packets later; this much later it has failed to. */
const echoSlackMs = 2000

/**
 * A silence counts when this process got to run for all but this share of the timeout: else the answer may have waited for it, and it
 * is waited for as much longer, but not for more than so many timeouts.
 */
const bearable = 0.2
const patience = 4

/** Asks once and calls `done` exactly once, at the latest when the monitor's timeout is over. Answers what cancels it without a finding. */
export function ask(question: Question, done: (finding: Finding) => void): () => void {
  const { key, monitor } = question
  const begun = performance.now()
  let over = false
  let cancel = (): void => undefined
  const end = ({ reason, detail, ms = performance.now() - begun }: Outcome): void => {
    if (over) return
    stop()
    done({ key, at: Date.now(), ms: Math.round(ms * 10) / 10, reason, detail })
  }
  const unwatch = watchStalls()
  const stop = (): void => {
    if (over) return
    over = true
    unwatch()
    clearTimeout(timer)
    cancel()
  }
  const timeoutMs = monitor.timeout * 1000
  let granted = 0
  const giveUp = (): void => {
    if (over) return
    const owed = stalledSince(begun) - granted
    if (owed <= timeoutMs * bearable) return end(silent(monitor.timeout))
    if (granted + owed > timeoutMs * patience) return end(tooBusy)
    granted += owed
    timer = wait(owed)
  }
  // What has come already is read first: timers run before it.
  const wait = (ms: number): NodeJS.Timeout => setTimeout(() => setImmediate(giveUp), ms)
  let timer = wait(timeoutMs + (monitor.type === 'icmp' ? echoSlackMs : 0))
  const how = asks[monitor.type]
  if (how) cancel = how(question, end)
  else end({ reason: 'not-possible', detail: `A probe of type ${monitor.type} is not sent from here.` })
  return stop
}
