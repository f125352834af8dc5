import { requireNode } from './setup/node-version.mjs'

requireNode()
const { main, say } = await import('./setup/say.mjs')
const { readSettings, urlOf } = await import('./setup/settings.mjs')
const { setUpAgent, setUpConsole } = await import('./setup/set-up.mjs')
const { agentObstacle, startAgent } = await import('./run/agent.mjs')
const { prepareState, requireFreePort, startConsole } = await import('./run/console.mjs')
const { firstRun } = await import('./run/first-run.mjs')
const { stopAll, untilSignal } = await import('./run/until-signal.mjs')

await main(async () => {
  const settings = readSettings()
  await requireFreePort(settings)
  await setUpConsole()
  await setUpAgent()
  await prepareState(settings)
  const password = await firstRun(settings)
  const signal = untilSignal()
  const running = [await startConsole(settings)]
  const obstacle = agentObstacle()
  if (obstacle === null) running.push(startAgent(settings))
  say('')
  say(`Tangent is at ${urlOf(settings)}`)
  if (password) say(password)
  if (obstacle !== null) say(`Without the agent nothing reaches the kernel; changes are kept until it runs. ${obstacle}`)
  say('Ctrl-C ends console and agent; the rules stay in the kernel.')
  say('')
  await signal
  await stopAll(running)
  process.exit(0)
})
