import { agentPrograms, installDebian } from './debian.mjs'
import { alone } from './lock.mjs'
import { agentIsBuilt, buildAgent, buildConsole, consoleIsBuilt } from './build.mjs'
import { installPackages, packagesAreInstalled } from './npm.mjs'

/** What the console needs; nothing is written when it is all there. */
export async function setUpConsole() {
  if (packagesAreInstalled() && consoleIsBuilt()) return
  await alone(async () => {
    if (!packagesAreInstalled()) await installPackages()
    if (!consoleIsBuilt()) await buildConsole()
  })
}

/** What the agent needs. Programs that cannot be installed are no failure here: whoever starts the agent says so. */
export async function setUpAgent() {
  await installDebian(agentPrograms)
  if (packagesAreInstalled() && agentIsBuilt()) return
  await alone(async () => {
    if (!packagesAreInstalled()) await installPackages()
    if (!agentIsBuilt()) await buildAgent()
  })
}
