import { requireNode } from './setup/node-version.mjs'

requireNode()
const { main, say } = await import('./setup/say.mjs')
const { readSettings, urlOf } = await import('./setup/settings.mjs')
const { setUpConsole } = await import('./setup/set-up.mjs')
const { prepareState, requireFreePort, startConsole } = await import('./run/console.mjs')
const { firstRun } = await import('./run/first-run.mjs')
const { stopAll, untilSignal } = await import('./run/until-signal.mjs')

await main(async () => {
  const settings = readSettings()
  await requireFreePort(settings)
  await setUpConsole()
  await prepareState(settings)
  const password = await firstRun(settings)
  const signal = untilSignal()
  const running = [await startConsole(settings)]
  say(`The console is at ${urlOf(settings)} and looks for the agent at ${settings.socket}. Ctrl-C ends it.`)
  if (password) say(password)
  await signal
  await stopAll(running)
  process.exit(0)
})
