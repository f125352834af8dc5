import { requireNode } from './setup/node-version.mjs'

requireNode()
const { main, Stop } = await import('./setup/say.mjs')
const { agentPrograms, installHint, missing } = await import('./setup/debian.mjs')
const { isRoot } = await import('./setup/project.mjs')
const { setUpAgent, setUpConsole } = await import('./setup/set-up.mjs')
const { tellDemo } = await import('./demo/tell.mjs')

await main(async () => {
  const [action, ...rest] = process.argv.slice(2)
  if (action !== undefined) return tellDemo([action, ...rest].join(' '))
  if (!isRoot) throw new Stop('The demo makes network namespaces, which needs root: run "sudo npm run demo".')
  await setUpAgent()
  await setUpConsole()
  const programs = { ...agentPrograms, curl: 'curl' }
  const absent = missing(programs)
  if (absent.length > 0) throw new Stop(`The demo needs ${absent.join(', ')}: ${installHint(absent, programs)}, then start again.`)
  const { bundleDemo } = await import('./setup/bundles.mjs')
  const { runDemo } = await import(await bundleDemo())
  await runDemo()
})
