import { join } from 'node:path'
import { agentPrograms, installHint, missing } from '../setup/debian.mjs'
import { actsForOwner, isRoot, owner, root } from '../setup/project.mjs'
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
  // With sudo the console is the owner of the clone: the socket's group lets it in.
  const group = actsForOwner ? { gid: owner.gid } : {}
  const env = { ...process.env, NODE_ENV: 'production', TANGENT_STATE_DIR: settings.stateDir, TANGENT_SOCKET: settings.socket }
  return keepRunning({ name: 'The agent', command: process.execPath, args: [join(root, 'dist/agent.mjs')], env, user: group, signalAtDeath: 'TERM', ...options })
}
