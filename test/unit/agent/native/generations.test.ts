import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTransactions, type Foreign } from '#agent/engine/native/generations.ts'
import { dumpRequest, messages, readAttributes, readText, takeMessages, type Message } from '#agent/engine/native/netlink.ts'

// Numbers of linux/netfilter/nf_tables.h.
const [newChain, deleteRule, newSet, deleteTable] = [3, 8, 9, 2]

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc((4 + value.length + 3) & ~3)
  bytes.writeUInt16LE(4 + value.length, 0)
  bytes.writeUInt16LE(type, 2)
  value.copy(bytes, 4)
  return bytes
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'latin1')
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A message of nf_tables in family netdev, as the kernel puts it on the wire of a little-endian machine. */
function message(kind: number, attributes: ReadonlyArray<[number, Buffer]>): Buffer {
  const body = Buffer.concat(attributes.map(([type, value]) => attribute(type, value)))
  const head = Buffer.alloc(20)
  head.writeUInt32LE(20 + body.length, 0)
  head.writeUInt16LE((10 << 8) | kind, 4)
  head.writeUInt8(5, 16)
  return Buffer.concat([head, body])
}

function generation(pid: number, program: string): Buffer {
  return message(messages.newGeneration, [[1, number(7)], [2, number(pid)], [3, text(program)]])
}

/** Two transactions: one by a person that touches a chain, a rule, a set's elements and a set, one by nftlb in its own table. */
const stream = Buffer.concat([
  message(newChain, [[1, text('tangent')], [2, Buffer.alloc(8)], [3, text('f_web-errors')]]),
  message(deleteRule, [[1, text('tangent')], [2, text('in-eth0')]]),
  message(messages.newElement, [[1, text('tangent')], [2, text('f_web')]]),
  message(newSet, [[1, text('tangent')], [2, text('macs')]]),
  message(newChain, [[1, text('filter')], [3, text('input')]]),
  generation(4711, 'nft'),
  message(newChain, [[1, text('nftlb')], [3, text('f_mail')]]),
  generation(99, 'nftlb'),
])

function heard(chunks: readonly Buffer[]): Foreign[] {
  const found: Foreign[] = []
  const read = readTransactions((one) => found.push(one))
  chunks.forEach(read)
  return found
}

describe('the kernel’s reports of transactions', () => {
  it('say who touched which names of our table, transaction by transaction', () => {
    expect(heard([stream])).toEqual([
      { names: new Set(['f_web-errors', 'in-eth0', 'f_web', 'macs']), pid: 4711, program: 'nft' },
      { names: new Set(), pid: 99, program: 'nftlb' },
    ])
  })

  it('have an empty name when the table itself is touched', () => {
    expect(heard([message(deleteTable, [[1, text('tangent')]]), generation(1, 'nft')])[0]?.names).toEqual(new Set(['']))
  })

  it('are understood however the stream is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 }), (lengths) => {
        const chunks: Buffer[] = []
        let at = 0
        for (const length of [...lengths, stream.length]) {
          chunks.push(stream.subarray(at, at + length))
          at += length
        }
        expect(heard(chunks)).toEqual(heard([stream]))
      }),
    )
  })
})

describe('netlink messages', () => {
  it('of other subsystems are told apart as control messages', () => {
    const found: Message[] = []
    const done = Buffer.alloc(20)
    done.writeUInt32LE(20, 0)
    done.writeUInt16LE(3, 4)
    done.writeUInt16LE(0x10, 6)
    done.writeUInt32LE(42, 8)
    expect(takeMessages(done, (one) => found.push(one)).length).toBe(0)
    expect(found).toMatchObject([{ kind: null, control: 3, sequence: 42, interrupted: true }])
  })

  it('with a length that cannot be are left alone', () => {
    const broken = Buffer.alloc(32)
    broken.writeUInt32LE(8, 0)
    expect(takeMessages(broken, () => expect.unreachable()).length).toBe(32)
    expect(readAttributes(Buffer.from([2, 0, 1, 0, 9, 9]))).toEqual(new Map())
  })

  it('that we write read back as they were meant', () => {
    const found: Message[] = []
    takeMessages(dumpRequest(messages.getRule, 5, new Map([[1, 'tangent'], [2, 'f_web']])), (one) => found.push(one))
    expect(found).toMatchObject([{ kind: messages.getRule, control: null, sequence: 5 }])
    const attributes = readAttributes(found[0]?.body ?? Buffer.alloc(0))
    expect([readText(attributes.get(1)), readText(attributes.get(2))]).toEqual(['tangent', 'f_web'])
  })
})
