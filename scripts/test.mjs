import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireNode } from './setup/node-version.mjs'

requireNode()
const { main, say, Stop } = await import('./setup/say.mjs')
const { testPrograms, installDebian } = await import('./setup/debian.mjs')
const { setUpAgent, setUpConsole } = await import('./setup/set-up.mjs')
const { cleanUp, markVariable } = await import('./test/clean.mjs')
const { parts, runParts } = await import('./test/parts.mjs')

await main(async () => {
  const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(parts)
  const unknown = wanted.find((name) => !(name in parts))
  if (unknown) throw new Stop(`There is no part "${unknown}". The parts are ${Object.keys(parts).join(', ')}.`)
  const setUpError = await setUp()

  const mark = `${process.pid}-${Date.now()}`
  const folder = mkdtempSync(join(tmpdir(), 'tangent-test-'))
  // Other users enter it: the console, and scripts that are tried without root.
  chmodSync(folder, 0o711)
  const prefix = `tg${process.pid}-`
  const env = { ...process.env, NODE_ENV: 'test', NEXT_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1', TMPDIR: folder, TANGENT_LAB_PREFIX: prefix, [markVariable]: mark }
  const children = []
  let interrupted = null
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      interrupted = signal
      children.forEach(endGroup)
    })
  }

  let results = {}
  try {
    const names = Object.keys(parts).filter((each) => wanted.includes(each))
    results = await runParts(names, { folder, env, setUpError, say, onChild: (child) => children.push(child), ended: () => interrupted !== null })
  } finally {
    cleanUp({ mark, prefix, folder })
  }
  finish(results, interrupted)
})

function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** Installs and builds; answers why console or agent could not be built, for the parts that need them. */
async function setUp() {
  await installDebian(testPrograms)
  try {
    await setUpAgent()
    await setUpConsole()
    return null
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    console.error(error.message)
    return 'console and agent could not be built, see above.'
  }
}

function finish(results, interrupted) {
  say('')
  let passed = 0
  let failed = 0
  for (const [name, tally] of Object.entries(results)) {
    say(`${name.padEnd(8)} ${tally.passed} passed, ${tally.failed} failed (${tally.seconds} s)`)
    for (const note of tally.notes) say(`         ${note}`)
    passed += tally.passed
    failed += tally.failed
  }
  if (interrupted) say(`Ended by ${interrupted}; what did not run is not counted.`)
  say(`${passed} passed, ${failed} failed`)
  process.exit(failed > 0 || interrupted ? 1 : 0)
}
