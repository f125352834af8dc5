import { randomInt } from 'node:crypto'
import { decode, encode, RECURSION_DESIRED, type Answer, type DecodedPacket } from 'dns-packet'
import { askDatagram } from './datagram.ts'
import { good, quoted, type Ask, type Outcome } from './outcome.ts'

/** One query over UDP. */
export const askDns: Ask = (question, done) => {
  const { monitor } = question
  if (monitor.type !== 'dns') throw new Error(`${monitor.type} is not DNS.`)
  const { name, record, answer: wanted } = monitor
  const id = randomInt(65536)
  const query = encode({ type: 'query', id, flags: RECURSION_DESIRED, questions: [{ type: record, name: name.replace(/\.$/, '') }] })
  return askDatagram(query, (message) => judge(message, id, record, wanted))(question, done)
}

/** What an answer to query `id` means; null when it is none to this one. `wanted` is a text that one record of the type must hold. */
export function judge(message: Buffer, id: number, record: string, wanted: string | null): Outcome | null {
  const packet = read(message)
  if (!packet) return { reason: 'protocol', detail: 'The answer is not DNS.' }
  if (packet.id !== id || packet.type !== 'response') return null
  const code = (packet as { rcode?: string }).rcode ?? 'NOERROR'
  if (code !== 'NOERROR') return { reason: 'wrong-answer', detail: `The server answers ${quoted(code)}.` }
  const records = (packet.answers ?? []).filter(({ type }) => type === record).map(textOf)
  if (wanted === null) return good(`${records.length} records.`)
  if (records.some((text) => text.includes(wanted))) return good(`One of ${records.length} records fits.`)
  return { reason: 'wrong-answer', detail: `None of ${records.length} records holds ${quoted(wanted)}.${records[0] === undefined ? '' : ` The first is ${quoted(records[0])}.`}` }
}

function read(message: Buffer): DecodedPacket | null {
  try {
    return decode(message)
  } catch {
    return null
  }
}

/** The data of a record as one line: addresses and names as they are, of others the values in their order. */
function textOf(answer: Answer): string {
  return 'data' in answer ? flat(answer.data) : ''
}

function flat(data: unknown): string {
  if (Array.isArray(data)) return data.map(flat).join('')
  if (Buffer.isBuffer(data)) return data.toString('latin1')
  if (typeof data === 'object' && data !== null) return Object.values(data).map(flat).join(' ')
  return String(data)
}
