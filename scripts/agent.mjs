import { requireNode } from './setup/node-version.mjs'

requireNode()
const { main, say, Stop } = await import('./setup/say.mjs')
const { readSettings } = await import('./setup/settings.mjs')
const { setUpAgent } = await import('./setup/set-up.mjs')
const { agentObstacle, startAgent } = await import('./run/agent.mjs')
const { stopAll, untilSignal } = await import('./run/until-signal.mjs')

await main(async () => {
  const settings = readSettings()
  await setUpAgent()
  const obstacle = agentObstacle()
  if (obstacle !== null) throw new Stop(obstacle)
  const signal = untilSignal()
  const running = [startAgent(settings)]
  say(`The agent runs and listens at ${settings.socket}. Ctrl-C ends it; its rules stay in the kernel.`)
  await signal
  await stopAll(running)
  process.exit(0)
})
