import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { missing, testPrograms, installHint } from '../setup/debian.mjs'
import { isRoot, root } from '../setup/project.mjs'
import { tallyOf } from './tally.mjs'

/** The parts in the order in which they run. `built` ones need console and agent as built; `root` ones make namespaces. */
export const parts = {
  types: { program: ['node_modules/typescript/bin/tsc', '--noEmit'] },
  lint: { program: ['node_modules/eslint/bin/eslint.js', '.'] },
  unit: { project: 'unit' },
  api: { project: 'api' },
  browser: { project: 'browser', built: true, root: true },
  lab: { project: 'lab', built: true, root: true },
}

/**
 * Runs one part to its end.
 * @param {string} name
 * @param {{ folder: string, env: NodeJS.ProcessEnv, setUpError: string | null, onChild: (child: import('node:child_process').ChildProcess) => void }} run
 */
export async function runPart(name, run) {
  const part = parts[name]
  const obstacle = obstacleOf(name, part, run)
  if (obstacle !== null) return { passed: 0, failed: 1, notes: [`it could not run: ${obstacle}`] }
  const report = join(run.folder, `${name}.json`)
  const args = part.program ?? ['node_modules/vitest/vitest.mjs', 'run', '--project', part.project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await start(args, run)
  if (part.program) return code === 0 ? { passed: 1, failed: 0, notes: [] } : { passed: 0, failed: 1, notes: ['see its output above'] }
  const tally = tallyOf(report)
  // Such as an error after the last test, which no single test is to blame for.
  if (code !== 0 && tally.failed === 0) return { ...tally, failed: 1, notes: [`it ended with ${code}`] }
  return tally
}

function obstacleOf(name, part, { setUpError }) {
  if (setUpError !== null && part.built) return setUpError
  if (part.root && !isRoot) return `it makes network namespaces, which needs root: run "sudo npm run test:${name}".`
  const absent = part.built ? missing(testPrograms) : []
  return absent.length > 0 ? `${absent.join(', ')} missing: ${installHint(absent, testPrograms)}.` : null
}

function start(args, { env, onChild }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true })
    onChild(child)
    child.once('error', () => resolve('no start'))
    child.once('close', (code, signal) => resolve(signal ?? code))
  })
}
