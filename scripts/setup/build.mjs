import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { agentBundles, bundle, consoleBundles } from './bundles.mjs'
import { exec } from './exec.mjs'
import { actsForOwner, owner, root } from './project.mjs'
import { step } from './say.mjs'
import { hashOf, isDone, markDone } from './stamp.mjs'

const shared = ['lib', 'package-lock.json', 'tsconfig.json', 'scripts/setup']
const agentInputs = [...shared, 'agent']
const consoleInputs = [...shared, 'app', 'components', 'prisma', 'public', 'scripts', 'next.config.ts', 'postcss.config.mjs', 'prisma.config.ts', 'instrumentation.ts', 'proxy.ts']

const quiet = { NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1' }
const standalone = '.next/standalone'

export function agentIsBuilt() {
  return isDone('dist/agent.stamp', hashOf(agentInputs), Object.keys(agentBundles).map((name) => `dist/${name}.mjs`))
}

export function consoleIsBuilt() {
  return isDone('dist/console.stamp', hashOf(consoleInputs), [`${standalone}/server.js`, `${standalone}/.next/static`, 'dist/env.mjs'])
}

/** Bundles the agent. */
export async function buildAgent() {
  const hash = hashOf(agentInputs)
  await step('building the agent', () => bundle(agentBundles))
  markDone('dist/agent.stamp', hash)
  giveToOwner('dist')
}

/** Builds the console and its one-shot programs. */
export async function buildConsole() {
  const hash = hashOf(consoleInputs)
  await step('building the console (about a minute the first time)', async () => {
    await exec('node', ['node_modules/prisma/build/index.js', 'generate'], { asOwner: true, env: quiet })
    rmSync(join(root, standalone), { recursive: true, force: true })
    await exec('node', ['node_modules/next/dist/bin/next', 'build'], { asOwner: true, env: { ...quiet, NODE_ENV: 'production' } })
    for (const path of ['.next/static', 'public']) copy(path)
    await bundle(consoleBundles)
  })
  markDone('dist/console.stamp', hash)
  giveToOwner('dist')
  giveToOwner(standalone)
}

/** The standalone server serves these files, but the build leaves the copying to whoever installs it. */
function copy(path) {
  if (!existsSync(join(root, path))) return
  mkdirSync(join(root, standalone, path), { recursive: true })
  cpSync(join(root, path), join(root, standalone, path), { recursive: true })
}

function giveToOwner(folder) {
  if (!actsForOwner) return
  chownSync(join(root, folder), owner.uid, owner.gid)
  for (const entry of readdirSync(join(root, folder), { recursive: true })) chownSync(join(root, folder, String(entry)), owner.uid, owner.gid)
}
