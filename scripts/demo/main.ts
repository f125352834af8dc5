import { createInterface } from 'node:readline'
import { untilSignal } from '#scripts/run/until-signal.mjs'
import { say } from '#scripts/setup/say.mjs'
import { act, menu } from './act.ts'
import { listenForCommands } from './control.ts'
import { startCounters } from './counters.ts'
import { openDemo, vip } from './site.ts'

const requestsPerSecond = 50

/** Runs the demo until Ctrl-C, then removes everything that it made. */
export async function runDemo(): Promise<void> {
  const stopped = untilSignal()
  const site = await openDemo()
  const control = await listenForCommands((line) => act(site, line))
  const counters = startCounters()
  const terminal = process.stdout.isTTY
  const input = createInterface({ input: process.stdin, output: terminal ? process.stdout : undefined, terminal })

  say('')
  say(`The console is at ${site.appliance.url}, name admin, password ${site.password}`)
  say(`A client sends ${requestsPerSecond} requests a second to http://${vip}/; the backends answer it directly, past the appliance.`)
  say(menu)
  say('From another terminal: npm run demo -- break web2')
  say('')

  const quit = new Promise<void>((resolve) => {
    input.on('SIGINT', () => resolve())
    input.on('line', (line) => {
      if (/^\s*(quit|exit)\s*$/.test(line)) resolve()
      else act(site, line).then(say, (error: unknown) => say(String(error)))
    })
  })
  await site.client.flow({ name: 'clients', url: `http://${vip}/`, perSecond: requestsPerSecond, timeoutMs: 1000 })
  let lastLine = ''
  const tick = setInterval(() => {
    site.client.report('clients').then((report) => {
      counters.add(report)
      const line = counters.line()
      if (terminal) process.stdout.write(`\r\x1b[K${line} > ${input.line}`)
      else if (line !== lastLine) say(line)
      lastLine = line
    }, () => undefined)
  }, 1000)

  await Promise.race([stopped, quit])
  clearInterval(tick)
  input.close()
  say('\nRemoving the demo …')
  control.close()
  await site.remove()
  say('Nothing of it is left.')
  process.exit(0)
}
