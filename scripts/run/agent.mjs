import { join } from 'node:path'
import { agentPrograms, installHint, missing } from '../setup/debian.mjs'
import { isRoot, root } from '../setup/project.mjs'
import { keepRunning } from './keep.mjs'

/** Why the agent cannot run here, in one sentence with what to do; null when it can. */
export function agentObstacle() {
  if (process.platform !== 'linux') return 'The agent runs on Linux only.'
  if (!isRoot) return 'The agent needs root, because it changes addresses and rules of the kernel: run "sudo npm run agent" in another terminal, with the same TANGENT_STATE_DIR or TANGENT_SOCKET.'
  const absent = missing(agentPrograms)
  if (absent.length > 0) return `The agent needs ${absent.join(', ')}: ${installHint(absent, agentPrograms)}, then start again.`
  return null
}

/** Starts the agent. Its rules stay in the kernel when it ends. */
export function startAgent(settings, options = {}) {
  const env = { ...process.env, NODE_ENV: 'production', TANGENT_STATE_DIR: settings.stateDir, TANGENT_SOCKET: settings.socket }
  return keepRunning({ name: 'The agent', command: process.execPath, args: [join(root, 'dist/agent.mjs')], env, signalAtDeath: 'TERM', ...options })
}
