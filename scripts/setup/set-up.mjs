import { agentPrograms, installDebian } from './debian.mjs'
import { alone } from './lock.mjs'
import { buildAgent, buildConsole } from './build.mjs'
import { installPackages } from './npm.mjs'

/** What the console needs; quick when it is all there. */
export function setUpConsole() {
  return alone(async () => {
    await installPackages()
    await buildConsole()
  })
}

/** What the agent needs. Programs that cannot be installed are no failure here: whoever starts the agent says so. */
export function setUpAgent() {
  return alone(async () => {
    await installDebian(agentPrograms)
    await installPackages()
    await buildAgent()
  })
}
