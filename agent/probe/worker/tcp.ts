import { Socket } from 'node:net'
import { good, outcomeOf, type Ask } from './outcome.ts'

/** Opens a connection and ends it with a reset, which leaves nothing behind on either side. */
export const askTcp: Ask = ({ host, port }, done) => {
  const socket = new Socket()
  socket.on('error', (error) => done(outcomeOf(error)))
  socket.connect({ host, port: port ?? 0 }, () => {
    socket.resetAndDestroy()
    done(good('connected'))
  })
  return () => socket.destroy()
}
