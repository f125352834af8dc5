import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { decode, encode, type Packet } from 'dns-packet'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { judge } from '#agent/probe/worker/dns.ts'
import { readLine } from '#agent/probe/worker/echo.ts'
import { found } from './asked.ts'

const open: Array<ReturnType<typeof createSocket>> = []
afterEach(() => open.splice(0).forEach((socket) => socket.close()))

/** A service that answers each datagram with these; null is silent. */
function answering(answers: (message: Buffer) => Array<Buffer | string>): Promise<number> {
  const socket = createSocket('udp4')
  open.push(socket)
  socket.on('message', (message, from) => answers(message).forEach((answer) => socket.send(answer, from.port, from.address)))
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve((socket.address() as AddressInfo).port)))
}

async function closedPort(): Promise<number> {
  const port = await answering(() => [])
  open.pop()?.close()
  return port
}

describe('udp', () => {
  it('sends its text and takes any answer, or one that holds a text', async () => {
    const port = await answering((message) => [`you said ${message.toString()}`])
    expect(await found({ type: 'udp', send: 'ping 1' }, port)).toMatchObject({ reason: null })
    expect(await found({ type: 'udp', send: 'ping 1', expect: 'ping 1' }, port)).toMatchObject({ reason: null })
    expect(await found({ type: 'udp', send: 'ping 1', expect: 'pong' }, port)).toMatchObject({ reason: 'wrong-answer', detail: expect.stringContaining('"you said ping 1"') })
  })

  it('sends an empty datagram when it has no text', async () => {
    const port = await answering((message) => [String(message.length)])
    expect(await found({ type: 'udp', send: '', expect: '0' }, port)).toMatchObject({ reason: null })
  })

  it('times out at silence and is refused where nobody listens', async () => {
    expect(await found({ type: 'udp', send: 'x', timeout: 0.2 }, await answering(() => []))).toMatchObject({ reason: 'timeout' })
    expect(await found({ type: 'udp', send: 'x' }, await closedPort())).toMatchObject({ reason: 'refused' })
  })
})

/** A name server that answers each query with these parts. */
const naming = (part: (query: Packet) => Partial<Packet>): Promise<number> => answering((message) => [encode({ type: 'response', ...pick(decode(message)), ...part(decode(message)) })])
const pick = ({ id, questions }: Packet): Partial<Packet> => ({ id: id ?? 0, questions: questions ?? [] })
const monitor = { type: 'dns', name: 'www.example.net' } as const

describe('dns', () => {
  it('asks for the name and the record, and takes any answer without an error', async () => {
    const port = await naming(({ questions }) => ({ answers: (questions ?? []).map(({ name }) => ({ type: 'AAAA' as const, name, data: '2001:db8::7' })) }))
    expect(await found({ ...monitor, record: 'AAAA', answer: '2001:db8::7' }, port)).toMatchObject({ reason: null })
    expect(await found({ ...monitor, record: 'AAAA', answer: '2001:db8::8' }, port)).toMatchObject({ reason: 'wrong-answer', detail: expect.stringContaining('2001:db8::7') })
    expect(await found({ ...monitor, record: 'AAAA' }, port)).toMatchObject({ reason: null })
  })

  it.each([
    [{ type: 'TXT' as const, name: 'www.example.net', data: ['v=spf1 ', '-all'] }, 'v=spf1 -all'],
    [{ type: 'MX' as const, name: 'www.example.net', data: { preference: 10, exchange: 'mail.example.net' } }, 'mail.example.net'],
    [{ type: 'SRV' as const, name: 'www.example.net', data: { port: 5060, target: 'sip.example.net' } }, 'sip.example.net'],
  ])('reads a record %j', async (record, answer) => {
    expect(await found({ ...monitor, record: record.type, answer }, await naming(() => ({ answers: [record] })))).toMatchObject({ reason: null })
  })

  it('names the error of a server that refuses', async () => {
    // Flags of a response hold its code in the last four bits: 5 is REFUSED (RFC 1035, 4.1.1).
    expect(await found(monitor, await naming(() => ({ flags: 5 })))).toMatchObject({ reason: 'wrong-answer', detail: expect.stringContaining('REFUSED') })
  })

  it('waits on when an answer is to another query', async () => {
    const port = await answering((message) => {
      const query = decode(message)
      return [encode({ type: 'response', id: ((query.id ?? 0) + 1) % 65536, flags: 5 }), encode({ type: 'response', ...pick(query) })]
    })
    expect(await found(monitor, port)).toMatchObject({ reason: null })
  })

  it('takes every answer for what it is, however broken', () => {
    const reply = encode({ type: 'response', id: 7, questions: [{ type: 'A', name: 'www.example.net' }], answers: [{ type: 'A', name: 'www.example.net', data: '192.0.2.1' }] })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), fc.array(fc.tuple(fc.nat(reply.length - 1), fc.nat(255)), { maxLength: 8 }).map((edits) => edits.reduce((bytes, [at, value]) => bytes.with(at, value), new Uint8Array(reply)))), (bytes) => {
        const outcome = judge(Buffer.from(bytes), 7, 'A', '192.0.2.1')
        expect(outcome === null || outcome.detail.length < 400).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a line of fping', () => {
  it.each([
    ['203.0.113.21 : [0], 64 bytes, 0.066 ms (0.066 avg, 0% loss)', ['203.0.113.21', { reason: null, detail: 'Echoed.', ms: 0.066 }]],
    ['2001:db8::21  : [0], 64 bytes, 12.3 ms (12.3 avg, 0% loss)', ['2001:db8::21', { reason: null, detail: 'Echoed.', ms: 12.3 }]],
    ['203.0.113.21 : xmt/rcv/%loss = 1/0/100%', ['203.0.113.21', { reason: 'timeout', detail: 'No answer within 1 s.' }]],
    ['ICMP Host Unreachable from 203.0.113.2 for ICMP Echo sent to 203.0.113.99', ['203.0.113.99', { reason: 'unreachable', detail: 'ICMP says: host unreachable.' }]],
    ['203.0.113.21 : xmt/rcv/%loss = 1/1/0%, min/avg/max = 0.066/0.066/0.066', null],
    ['203.0.113.21 : [0], timed out (NaN avg, 100% loss)', null],
    ['', null],
  ])('%s', (line, read) => expect(readLine(line, 1)).toEqual(read))
})
