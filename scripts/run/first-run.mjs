import { join } from 'node:path'
import { exec } from '../setup/exec.mjs'
import { root } from '../setup/project.mjs'
import { consoleUser } from './console-user.mjs'
import { consoleEnvironment } from './console.mjs'

/**
 * Makes the administrator when there is none yet; answers what a person must be told about it, or an empty text.
 * @param {import('../setup/settings.mjs').Settings} settings
 * @param {Record<string, string | undefined>} [env]
 */
export async function firstRun(settings, env = consoleEnvironment(settings)) {
  const output = await exec(process.execPath, [join(root, 'dist/first-run.mjs')], { user: consoleUser(settings), env })
  return output.trim()
}
