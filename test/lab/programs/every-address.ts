import { createSocket } from 'node:dgram'
import { networkInterfaces } from 'node:os'

const bound = new Set<string>()

/**
 * Answers datagrams on these ports, of every address where none is given, with a socket for each, as name servers do: an answer from
 * the wildcard socket would leave with the machine's own address instead of the VIP. Addresses that come later are found within 100 ms.
 */
export function answerEverywhere(services: ReadonlyArray<{ port: number; address: string | null }>, answer: (message: Buffer) => string | Buffer): void {
  const bindNew = (): void => {
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []).filter(({ address }) => !address.startsWith('fe80:'))
    for (const { address, family } of addresses) {
      for (const service of services) if (service.address === null || service.address === address) bind(address, family === 'IPv6' ? 'udp6' : 'udp4', service.port, answer)
    }
  }
  bindNew()
  setInterval(bindNew, 100)
}

function bind(address: string, type: 'udp4' | 'udp6', port: number, answer: (message: Buffer) => string | Buffer): void {
  const place = `${address} ${port}`
  if (bound.has(place)) return
  bound.add(place)
  const socket = createSocket(type)
  socket.on('message', (message, from) => socket.send(answer(message), from.port, from.address))
  socket.on('error', () => {
    bound.delete(place)
    socket.close()
  })
  socket.bind(port, address)
}
