// npm run install:system [-- --uninstall]: Tangent as two systemd services, out of the built project.
import { requireNode } from '../scripts/setup/node-version.mjs'

requireNode()
const { existsSync } = await import('node:fs')
const { main, say, Stop } = await import('../scripts/setup/say.mjs')
const { isRoot } = await import('../scripts/setup/project.mjs')
const { installObstacle } = await import('./layout.mjs')

await main(async () => {
  const [option, ...more] = process.argv.slice(2)
  if ((option !== undefined && option !== '--uninstall') || more.length > 0) throw new Stop('Usage: npm run install:system, or npm run install:system -- --uninstall')
  const obstacle = installObstacle({ systemd: existsSync('/run/systemd/system'), root: isRoot })
  if (obstacle !== null) throw new Stop(obstacle)
  if (option === '--uninstall') {
    const { uninstall } = await import('./uninstall-system.mjs')
    await uninstall()
    return
  }
  const { setUpAgent, setUpConsole } = await import('../scripts/setup/set-up.mjs')
  const { agentObstacle } = await import('../scripts/run/agent.mjs')
  const { installSystem } = await import('./install-system.mjs')
  await setUpConsole()
  await setUpAgent()
  const missing = agentObstacle()
  if (missing !== null) throw new Stop(missing)
  for (const line of await installSystem()) say(line)
})
