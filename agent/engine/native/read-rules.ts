import { runForBytes, type Running } from '../../run.ts'
import { table } from './names.ts'
import { control, dumpRequest, messages, readAttributes, readText, takeMessages, type Message } from './netlink.ts'

/** Chain → the comments of its rules in order; null for a rule without one. */
export type Rules = Map<string, Array<string | null>>

export type RuleReader = {
  /** Reads the rules of one chain, or of all chains of our table. A chain without rules is not in the answer. Throws after 10 s. */
  read: (chain: string | null) => Promise<Rules>
  stop: () => void
}

// Attributes of a rule: table, chain, and user data, in which nft keeps the comment as type 0 (libnftnl: udata.h).
const [tableAttribute, chainAttribute, userData] = [1, 2, 7]
const commentType = 0
const kernel = 'SOCKET-CONNECT:16:12:x00000000000000000000,type=3'
const patienceMs = 10_000
const attempts = 5

type Asked = { sequence: number; rules: Rules; interrupted: boolean; settle: (result: Rules | Error | 'again') => void }

/**
 * Asks the kernel for rules by netlink, through one socat that stays: "nft list chain" reads all elements of all sets of the
 * table first, which takes a second with a hundred farms. Requests are answered one after the other.
 */
export function openRuleReader(): RuleReader {
  let child: Running | null = null
  let asked: Asked | null = null
  let last = 0
  let queue: Promise<unknown> = Promise.resolve()

  function started(): Running {
    if (child) return child
    let rest: Buffer = Buffer.alloc(0)
    child = runForBytes('socat', ['-b', '1048576', '-', kernel], {
      bytes: (bytes) => {
        rest = Buffer.from(takeMessages(rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes, answer))
      },
      exit: (reason) => {
        child = null
        asked?.settle(new Error(reason))
      },
    })
    return child
  }

  function answer({ kind, control: type, sequence, interrupted, body }: Message): void {
    if (!asked || sequence !== asked.sequence) return
    asked.interrupted ||= interrupted
    if (type === control.done) asked.settle(asked.interrupted ? 'again' : asked.rules)
    else if (type === control.error) asked.settle(body.readInt32LE() === -2 ? asked.rules : new Error(`the kernel refused to list rules (${body.readInt32LE()})`))
    else if (kind !== null) note(asked.rules, body)
  }

  function once(chain: string | null): Promise<Rules | 'again'> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(new Error('the kernel did not list its rules in time')), patienceMs)
      function settle(result: Rules | Error | 'again'): void {
        clearTimeout(timer)
        asked = null
        if (result instanceof Error) reject(result)
        else resolve(result)
      }
      asked = { sequence: ++last, rules: new Map(), interrupted: false, settle }
      const texts = new Map([[tableAttribute, table], ...(chain === null ? [] : [[chainAttribute, chain] as const])])
      started().child.stdin?.write(dumpRequest(messages.getRule, last, texts))
    })
  }

  async function read(chain: string | null): Promise<Rules> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const rules = await once(chain)
      if (rules !== 'again') return rules
    }
    throw new Error('the ruleset changed each time that it was read')
  }

  return {
    read: (chain) => {
      const result = queue.then(() => read(chain))
      queue = result.catch(() => undefined)
      return result
    },
    stop: () => child?.stop(),
  }
}

function note(rules: Rules, body: Buffer): void {
  const attributes = readAttributes(body)
  const chain = readText(attributes.get(chainAttribute))
  rules.set(chain, [...(rules.get(chain) ?? []), commentOf(attributes.get(userData))])
}

/** User data is a list of type, length and value, a byte each for the first two. */
function commentOf(bytes: Buffer | undefined): string | null {
  for (let at = 0; bytes && bytes.length - at >= 2; at += 2 + (bytes[at + 1] ?? 0)) {
    if (bytes[at] === commentType) return readText(bytes.subarray(at + 2, at + 2 + (bytes[at + 1] ?? 0)))
  }
  return null
}
