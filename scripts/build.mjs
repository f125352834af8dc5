import { requireNode } from './setup/node-version.mjs'

requireNode()
const { main, say } = await import('./setup/say.mjs')
const { setUpAgent, setUpConsole } = await import('./setup/set-up.mjs')

await main(async () => {
  await setUpAgent()
  await setUpConsole()
  say('Console and agent are built.')
})
