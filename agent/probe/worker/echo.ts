import { runToTalk } from '../../run.ts'
import type { Question } from '../messages.ts'
import { good, silent, type Ask, type Outcome } from './outcome.ts'

type Asker = { question: Question; done: (outcome: Outcome) => void }

/** Hosts that one fping is given, and the time over which it spreads its packets to them, in ms. */
const hostsAtOnce = 2000
const spreadMs = 100

let waiting: Asker[] = []

/**
 * ICMP echo. Node cannot send one, so all that are due in the same moment share one run of fping; their rounds begin together for
 * that reason.
 */
export const askEcho: Ask = (question, done) => {
  const asker = { question, done }
  if (waiting.length === 0) setImmediate(sendAll)
  waiting.push(asker)
  return () => {
    waiting = waiting.filter((one) => one !== asker)
  }
}

function sendAll(): void {
  const byTimeout = grouped(waiting, ({ question }) => question.monitor.timeout)
  waiting = []
  for (const [timeout, askers] of byTimeout) {
    const hosts = [...grouped(askers, ({ question }) => question.host)]
    for (let at = 0; at < hosts.length; at += hostsAtOnce) send(timeout, new Map(hosts.slice(at, at + hostsAtOnce)))
  }
}

function send(timeout: number, open: Map<string, Asker[]>): void {
  const answer = (host: string, outcome: Outcome): void => {
    open.get(host)?.forEach(({ done }) => done(outcome))
    open.delete(host)
  }
  const line = (text: string): void => {
    const read = readLine(text, timeout)
    if (read) answer(...read)
  }
  const gap = Math.min(1, spreadMs / open.size).toFixed(2)
  const { child } = runToTalk('fping', ['-c1', '-t', String(timeout * 1000), '-i', gap, ...open.keys()], {
    line,
    complaint: line,
    exit: (reason) => {
      for (const host of [...open.keys()]) answer(host, { reason: 'not-possible', detail: `The probe could not be sent: ${reason}.` })
    },
  })
  child.stdin?.end()
}

function grouped<Key, T>(list: readonly T[], keyOf: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>()
  for (const item of list) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

/** A line of `fping -c1`: an answer, or the summary of a host that gave none. */
export function readLine(line: string, timeout: number): [host: string, outcome: Outcome] | null {
  const answered = /^(\S+)\s+: \[0\], \d+ bytes, ([\d.]+) ms/.exec(line)
  if (answered?.[1]) return [answered[1], { ...good('Echoed.'), ms: Number(answered[2]) }]
  const [, refusal, refused] = /^ICMP (.+) from \S+ for ICMP Echo sent to ([^\s(]+)/.exec(line) ?? []
  if (refused && refusal) return [refused, { reason: 'unreachable', detail: `ICMP says: ${refusal.toLowerCase()}.` }]
  const lost = /^(\S+)\s+: xmt\/rcv\/%loss = \d+\/0\//.exec(line)
  return lost?.[1] ? [lost[1], silent(timeout)] : null
}
