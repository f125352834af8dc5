import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { missing, testPrograms, installHint } from '../setup/debian.mjs'
import { isRoot, root } from '../setup/project.mjs'
import { tallyOf } from './tally.mjs'

/**
 * The parts in the order in which they run. `built` ones need console and agent as built; `root` ones make namespaces; a `beside`
 * one runs while others do, up to the first that must be `alone` because it measures times.
 */
export const parts = {
  prep: { project: 'prep', built: true, root: true, beside: true },
  types: { program: ['node_modules/typescript/bin/tsc', '--noEmit'] },
  lint: { program: ['node_modules/eslint/bin/eslint.js', '.'] },
  unit: { project: 'unit' },
  api: { project: 'api' },
  browser: { project: 'browser', built: true, root: true },
  lab: { project: 'lab', built: true, root: true, alone: true },
}

/**
 * Runs parts to their end and says what they print, one part after the other.
 * @param {readonly string[]} names
 * @param {{ folder: string, env: NodeJS.ProcessEnv, setUpError: string | null, say: (line: string) => void, onChild: (child: import('node:child_process').ChildProcess) => void, ended: () => boolean }} run
 * @returns {Promise<Record<string, { passed: number, failed: number, notes: string[], seconds: number }>>}
 */
export async function runParts(names, run) {
  const results = {}
  const beside = names.filter((name) => parts[name].beside).map((name) => {
    const output = join(run.folder, `${name}.log`)
    return { name, output, result: timed(() => runPart(name, { ...run, output })) }
  })
  const joinThem = async () => {
    for (const { name, output, result } of beside.splice(0)) {
      results[name] = await result
      run.say(`\n── ${name} ──\n${existsSync(output) ? readFileSync(output, 'utf8') : ''}`)
    }
  }
  for (const name of names.filter((each) => !parts[each].beside)) {
    if (parts[name].alone) await joinThem()
    if (run.ended()) break
    run.say(`\n── ${name} ──`)
    results[name] = await timed(() => runPart(name, run))
  }
  await joinThem()
  return results
}

async function timed(work) {
  const start = Date.now()
  return { ...(await work()), seconds: Math.round((Date.now() - start) / 1000) }
}

async function runPart(name, run) {
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

/** With `output`, a file, what it prints is kept there. */
function start(args, { env, onChild, output }) {
  const place = output ? openSync(output, 'w') : 'inherit'
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', place, place], detached: true })
    onChild(child)
    child.once('error', () => resolve('no start'))
    child.once('close', (code, signal) => resolve(signal ?? code))
  }).finally(() => {
    if (output) closeSync(place)
  })
}
