import { createServer } from 'node:http'
import { answerEverywhere } from './every-address.ts'

/**
 * A backend's service: answers HTTP and UDP with the name it was given.  node answerer.mjs NAME PORT… | NAME ADDRESS/PORT…
 * With an address it listens there alone, else everywhere.
 * HTTP  GET /bytes/N  answers N bytes, everything else the name. Connections are kept open. Prints "ready" when it listens.
 */
const [name = 'unnamed', ...places] = process.argv.slice(2)
const services = places.map((place) => {
  const [port, address = null] = place.split('/').reverse()
  return { port: Number(port), address }
})
const chunk = Buffer.alloc(64 * 1024, 'x')

function listen(port: number, address: string): Promise<void> {
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    const wanted = /^\/bytes\/(\d{1,10})$/.exec(request.url ?? '')?.[1]
    response.setHeader('x-backend', name)
    if (wanted === undefined) {
      response.end(name)
      return
    }
    let left = Number(wanted)
    response.setHeader('content-length', left)
    const write = (): void => {
      while (left > 0) {
        const part = left < chunk.length ? chunk.subarray(0, left) : chunk
        left -= part.length
        if (!response.write(part)) {
          response.once('drain', write)
          return
        }
      }
      response.end()
    }
    write()
  })
  return new Promise((resolve) => server.listen(port, address, resolve))
}

answerEverywhere(services, (message) => `${name} ${message}`)
await Promise.all(services.map(({ port, address }) => listen(port, address ?? '::')))
process.stdout.write('ready\n')
