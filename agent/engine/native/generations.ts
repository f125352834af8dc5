import { runForBytes } from '../../run.ts'
import type { Log } from '../../log.ts'
import { table } from './names.ts'

/** A transaction that somebody else put into the kernel, as far as it touched our table: names of chains, maps and sets. */
export type Foreign = { names: ReadonlySet<string>; pid: number; program: string }

export type Generations = {
  /** Says that a process is our own nft; its transactions are not reported. */
  own: (pid: number) => void
  /** False while nothing is heard from the kernel: then only looking tells what changed. */
  listening: () => boolean
  stop: () => void
}

// linux/netfilter/nf_tables.h and nfnetlink.h: the subsystem, the message that ends a transaction, and attributes.
const subsystem = 10
const newGeneration = 15
const elementMessages = [12, 13, 14]
const tableAttribute = 1
const pidAttribute = 2
const programAttribute = 3
/** Multicast group 7 (NFNLGRP_NFTABLES) as a bit in sockaddr_nl. */
const socket = 'SOCKET-RECV:16:3:12:x00000000000040000000'
const largestMessage = '1048576'
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
    const reader = readTransactions((names, pid, program) => {
      if (names.size > 0 && !own.includes(pid)) heard({ names, pid, program })
    })
    running = true
    const child = runForBytes('socat', ['-u', '-b', largestMessage, socket, 'STDOUT'], {
      bytes: reader,
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

/** Puts netlink messages together from a stream of bytes and answers each transaction: what it touched of our table, and who it was. */
export function readTransactions(done: (names: ReadonlySet<string>, pid: number, program: string) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let names = new Set<string>()
  return (bytes) => {
    rest = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes
    let at = 0
    while (rest.length - at >= 20) {
      const length = rest.readUInt32LE(at)
      if (length < 20 || length > rest.length - at) break
      const type = rest.readUInt16LE(at + 4)
      if (type >> 8 === subsystem) {
        const attributes = readAttributes(rest.subarray(at + 20, at + length))
        if ((type & 0xff) === newGeneration) {
          done(names, attributes.get(pidAttribute)?.readUInt32BE() ?? 0, text(attributes.get(programAttribute)))
          names = new Set()
        } else if (text(attributes.get(tableAttribute)) === table) names.add(nameIn(type & 0xff, attributes))
      }
      at += (length + 3) & ~3
    }
    rest = Buffer.from(rest.subarray(at))
  }
}

/** The chain, map or set that a message is about; empty for the table itself. Chains have their name in another place than the rest. */
function nameIn(message: number, attributes: ReadonlyMap<number, Buffer>): string {
  const isChain = message >= 3 && message <= 5
  const isTable = message <= 2
  if (isTable) return ''
  if (elementMessages.includes(message) || !isChain) return text(attributes.get(2))
  return text(attributes.get(3))
}

function readAttributes(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; bytes.length - at >= 4; ) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || length > bytes.length - at) break
    found.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length))
    at += (length + 3) & ~3
  }
  return found
}

function text(bytes: Buffer | undefined): string {
  return bytes?.toString('latin1').replace(/\0+$/, '') ?? ''
}
