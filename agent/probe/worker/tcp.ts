import { Socket } from 'node:net'
import type { Question } from '../messages.ts'
import { good, outcomeOf, type Ask, type Outcome } from './outcome.ts'

/** Opens a connection and ends it with a reset, which leaves nothing behind on either side. */
export const askTcp: Ask = (question, done) => {
  const { socket, reset } = dial(question, done)
  socket.on('connect', () => done(good('Connected.')))
  return reset
}

/** A connection to where the question goes; `done` hears its errors. `reset` ends it, however far it is. */
export function dial({ host, port }: Question, done: (outcome: Outcome) => void): { socket: Socket; reset: () => void } {
  const socket = new Socket()
  socket.on('error', (error) => done(outcomeOf(error)))
  socket.connect({ host, port: port ?? 0 })
  return { socket, reset: () => (socket.connecting ? socket.destroy() : socket.resetAndDestroy()) }
}
