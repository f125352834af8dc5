import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exec } from './exec.mjs'
import { root } from './project.mjs'
import { compilerPrograms, installDebian, installHint, missing } from './debian.mjs'
import { step, Stop } from './say.mjs'
import { hashOf, isDone, markDone } from './stamp.mjs'

const stamp = 'node_modules/.tangent-stamp'
const native = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'

/** True when the installed packages are those of the lock file. */
export function packagesAreInstalled() {
  return isDone(stamp, hashOf(['package.json', 'package-lock.json']), [native])
}

/**
 * Installs the npm packages. `npm install`, not `npm ci`: ci refuses a lock without the packages of other platforms, which not
 * every registry has.
 */
export async function installPackages() {
  await step('npm packages (some minutes the first time)', async () => {
    try {
      await npmInstall()
    } catch (error) {
      // The SQLite driver is compiled where its binary cannot be downloaded, and that needs a compiler.
      if (!(error instanceof Stop) || missing(compilerPrograms).length === 0) throw error
      const absent = await installDebian(compilerPrograms)
      if (absent.length > 0) throw new Stop(`${error.message}\nA compiler may be missing: ${installHint(absent, compilerPrograms)}, then try again.`)
      await npmInstall()
    }
  })
  if (!existsSync(join(root, native))) throw new Stop('The SQLite driver was not built. Run "npm rebuild better-sqlite3" and read its output.')
  markDone(stamp, hashOf(['package.json', 'package-lock.json']))
}

function npmInstall() {
  return exec('npm', ['install', '--no-audit', '--no-fund'], { asOwner: true, env: { ...headers(), NODE_ENV: 'development' } })
}

/** Headers that came with this Node spare the compiler's download of them. */
function headers() {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {}
}
