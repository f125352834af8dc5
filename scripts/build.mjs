import { requireNode } from './setup/node-version.mjs'
import { main, say } from './setup/say.mjs'

requireNode()
const { alone } = await import('./setup/lock.mjs')
const { installPackages } = await import('./setup/npm.mjs')
const { buildAgent, buildConsole } = await import('./setup/build.mjs')

await main(() =>
  alone(async () => {
    await installPackages()
    await buildAgent()
    await buildConsole()
    say('Console and agent are built.')
  }),
)
