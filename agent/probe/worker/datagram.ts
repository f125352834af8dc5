import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { good, outcomeOf, quoted, type Ask, type Outcome } from './outcome.ts'

/** Sends one datagram; `judge` says what an answer means, null to wait for another one. */
export function askDatagram(message: Buffer, judge: (answer: Buffer) => Outcome | null): Ask {
  return ({ host, port }, done) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    let open = true
    socket.on('error', (error) => done(outcomeOf(error)))
    socket.on('message', (answer) => {
      const outcome = judge(answer)
      if (outcome) done(outcome)
    })
    // Connected, so that the kernel drops what others send and tells of refusals.
    socket.connect(port ?? 0, host, (error?: Error) => {
      if (error) done(outcomeOf(error))
      else if (open) socket.send(message)
    })
    return () => {
      if (open) socket.close()
      open = false
    }
  }
}

export const askUdp: Ask = (question, done) => {
  const { monitor } = question
  if (monitor.type !== 'udp') throw new Error(`${monitor.type} is not UDP.`)
  const { send, expect } = monitor
  const judge = (answer: Buffer): Outcome => {
    if (expect === null || answer.includes(expect)) return good('Answered.')
    return { reason: 'wrong-answer', detail: `The answer ${quoted(answer.toString('latin1'))} does not hold ${quoted(expect)}.` }
  }
  return askDatagram(Buffer.from(send), judge)(question, done)
}
