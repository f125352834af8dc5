import { runForBytes } from '../../run.ts'
import type { Log } from '../../log.ts'
import { table } from './names.ts'
import { messages, readAttributes, readText, takeMessages } from './netlink.ts'

/** A transaction that somebody else put into the kernel, as far as it touched our table: names of chains, maps and sets, and `''` for the table itself. */
export type Foreign = { names: ReadonlySet<string>; pid: number; program: string }

export type Generations = {
  /** Says that a process is our own nft; its transactions are not reported. */
  own: (pid: number) => void
  /** False while nothing is heard from the kernel: then only looking tells what changed. */
  listening: () => boolean
  stop: () => void
}

// Attributes: of all objects the table first, then the chain of a rule, the set of elements, the name of a set; a chain has its
// name third. A new generation names the process that made it.
const [tableAttribute, nameAttribute, chainNameAttribute] = [1, 2, 3]
const [pidAttribute, programAttribute] = [2, 3]
const tableMessages = [0, 1, 2]
const chainMessages = [3, 4, 5]

/**
 * Multicast group 7 (NFNLGRP_NFTABLES) as a bit in sockaddr_nl, with room for 64 MB of reports (SO_RCVBUFFORCE, socket(7)):
 * bringing in many farms at once is millions of elements.
 */
const socket = 'SOCKET-RECV:16:3:12:x00000000000040000000,setsockopt-listen=1:33:x00000004'
const largestRead = '1048576'
const restartMs = 1000
const ownPids = 64

/**
 * Listens to the kernel's reports of transactions (nfnetlink multicast), through socat because Node has no netlink sockets.
 * nft itself can do it too ("nft monitor"), but keeps a copy of the whole ruleset for that: 3 MB for each farm.
 */
export function watchGenerations(log: Log, heard: (foreign: Foreign) => void, lost: () => void): Generations {
  const own: number[] = []
  let running = false
  let stopped = false
  let stop = (): void => undefined

  const begin = (): void => {
    if (stopped) return
    const read = readTransactions((foreign) => {
      if (foreign.names.size > 0 && !own.includes(foreign.pid)) heard(foreign)
    })
    running = true
    const child = runForBytes('socat', ['-u', '-b', largestRead, socket, 'STDOUT'], {
      bytes: read,
      exit: (reason) => {
        running = false
        log.warn({ reason }, 'the kernel is not heard any more; what changed is found by looking')
        lost()
        setTimeout(begin, restartMs).unref()
      },
    })
    stop = child.stop
  }

  begin()
  return {
    own: (pid) => {
      own.push(pid)
      if (own.length > ownPids) own.shift()
    },
    listening: () => running,
    stop: () => {
      stopped = true
      stop()
    },
  }
}

/** Puts netlink messages together from a stream of bytes and answers each transaction: what it touched of our table, and who made it. */
export function readTransactions(done: (transaction: Foreign) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let names = new Set<string>()
  return (bytes) => {
    const left = takeMessages(rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes, ({ kind, body }) => {
      if (kind === null) return
      const attributes = readAttributes(body)
      if (kind === messages.newGeneration) {
        done({ names, pid: attributes.get(pidAttribute)?.readUInt32BE() ?? 0, program: readText(attributes.get(programAttribute)) })
        names = new Set()
      } else if (readText(attributes.get(tableAttribute)) === table) names.add(nameIn(kind, attributes))
    })
    rest = Buffer.from(left)
  }
}

function nameIn(kind: number, attributes: ReadonlyMap<number, Buffer>): string {
  if (tableMessages.includes(kind)) return ''
  return readText(attributes.get(chainMessages.includes(kind) ? chainNameAttribute : nameAttribute))
}
