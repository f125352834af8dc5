import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'

/**
 * A backend's service: answers HTTP and UDP with the name it was given.  node answerer.mjs NAME PORT… | NAME ADDRESS/PORT…
 * With an address it listens there alone, else everywhere.
 * HTTP  GET /bytes/N  answers N bytes, everything else the name. Connections are kept open. Prints "ready" when it listens.
 * UDP  has a socket for each address, as name servers do: an answer from the wildcard socket would leave with the machine's
 * own address instead of the VIP. Addresses that come later are found within 100 ms.
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

const bound = new Set<string>()

function bindNewAddresses(): void {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []).filter(({ address }) => !address.startsWith('fe80:'))
  for (const { address, family } of addresses) {
    if (bound.has(address)) continue
    bound.add(address)
    for (const { port } of services.filter((service) => service.address === null || service.address === address)) answerDatagrams(address, family === 'IPv6' ? 'udp6' : 'udp4', port)
  }
}

function answerDatagrams(address: string, type: 'udp4' | 'udp6', port: number): void {
  const socket = createSocket(type)
  socket.on('message', (message, from) => socket.send(`${name} ${message}`, from.port, from.address))
  socket.on('error', () => {
    bound.delete(address)
    socket.close()
  })
  socket.bind(port, address)
}

bindNewAddresses()
setInterval(bindNewAddresses, 100)
await Promise.all(services.map(({ port, address }) => listen(port, address ?? '::')))
process.stdout.write('ready\n')
