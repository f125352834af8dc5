import { createInterface } from 'node:readline'
import { startFlow, type Flow } from './flow.ts'
import { download, requestMany, udpMany } from './requests.ts'
import { hold, type Holding } from './holding.ts'
import type { Answer, Ask, Envelope, Reply } from './protocol.ts'

/** A client of the farms, told over standard input what to send: see protocol.ts. */
const holdings = new Map<string, Holding>()
const flows = new Map<string, Flow>()

function named<T>(things: Map<string, T>, name: string): T {
  const thing = things.get(name)
  if (!thing) throw new Error(`There is no "${name}".`)
  return thing
}

async function perform(ask: Ask): Promise<Answer> {
  switch (ask.do) {
    case 'request':
      return requestMany(ask)
    case 'udp':
      return udpMany(ask)
    case 'download':
      return download(ask)
    case 'hold': {
      const holding = hold(ask)
      holdings.set(ask.name, holding)
      return holding.use(ask.timeoutMs)
    }
    case 'use':
      return named(holdings, ask.name).use(ask.timeoutMs)
    case 'ports':
      return named(holdings, ask.name).ports()
    case 'release':
      named(holdings, ask.name).release()
      holdings.delete(ask.name)
      return { ok: true }
    case 'flow':
      flows.set(ask.name, startFlow(ask))
      return { ok: true }
    case 'report':
      return named(flows, ask.name).report()
    case 'stop': {
      const report = await named(flows, ask.name).stop()
      flows.delete(ask.name)
      return report
    }
  }
}

function reply(message: Reply): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, ask } = JSON.parse(line) as Envelope // The only writer is client.ts one folder up, of the same build.
    perform(ask).then(
      (answer) => reply({ id, answer }),
      (error: unknown) => reply({ id, error: String(error) }),
    )
  })
  .on('close', () => process.exit(0))
