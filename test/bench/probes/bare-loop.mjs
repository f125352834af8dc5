import { connect } from 'node:net'

/**
 * The least that opens as many connections:  node bare-loop.mjs PER-SECOND tcp|http HOST…
 * Port 80, one after the other, each ended by a reset as soon as it is open or has an answer. Prints how many it has ended, once a
 * second. When a second's worth of them is open it leaves some out: then the machine is too slow for either.
 */
const [rate, kind, ...hosts] = process.argv.slice(2)
const perSecond = Number(rate)
const tickMs = 10
const request = 'GET / HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n'
let begun = 0
let open = 0
let ended = 0

function ask() {
  open += 1
  const socket = connect({ host: hosts[begun % hosts.length], port: 80 })
  const end = () => {
    socket.resetAndDestroy()
    open -= 1
    ended += 1
  }
  socket.on('error', (error) => {
    throw error
  })
  if (kind === 'tcp') socket.on('connect', end)
  else {
    socket.on('connect', () => socket.write(request))
    socket.once('data', end)
  }
}

const start = performance.now()
setInterval(() => {
  for (const due = ((performance.now() - start) * perSecond) / 1000; begun < due; begun++) if (open < perSecond) ask()
}, tickMs)
setInterval(() => process.stdout.write(`${ended}\n`), 1000)
