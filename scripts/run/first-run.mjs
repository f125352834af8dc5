import { join } from 'node:path'
import { exec } from '../setup/exec.mjs'
import { root } from '../setup/project.mjs'
import { consoleUser } from './console-user.mjs'
import { consoleEnvironment } from './console.mjs'

/** Makes the administrator when there is none yet; answers what a person must be told about it, or an empty text. */
export async function firstRun(settings) {
  const output = await exec(process.execPath, [join(root, 'dist/first-run.mjs')], { user: consoleUser(settings), env: consoleEnvironment(settings) })
  return output.trim()
}
