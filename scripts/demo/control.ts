import { createServer, type Server } from 'node:net'
import { demoFolder } from './folder.mjs'

/** Lets "npm run demo -- COMMAND" of another terminal act on this demo: one line in, words out. */
export function listenForCommands(perform: (line: string) => Promise<string>): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let line = ''
    socket.setEncoding('utf8').on('data', (part: string) => (line = (line + part).slice(0, 200)))
    socket.on('error', () => undefined)
    socket.on('end', () => {
      perform(line).then(
        (answer) => socket.end(`${answer}\n`),
        (error: unknown) => socket.end(`${error instanceof Error ? error.message : String(error)}\n`),
      )
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(demoFolder().socket, () => resolve(server))
  })
}
