import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { requireNode } from './setup/node-version.mjs'

requireNode()
const { main, Stop } = await import('./setup/say.mjs')
const { isRoot, root } = await import('./setup/project.mjs')
const { setUpAgent, setUpConsole } = await import('./setup/set-up.mjs')
const { installDebian, installHint } = await import('./setup/debian.mjs')

/** What the bench needs beside console and agent: something that sends packets. */
const benchPrograms = { python3: 'python3' }

await main(async () => {
  if (!isRoot) throw new Stop('The bench needs root, because it makes network namespaces: run "sudo npm run bench".')
  await setUpConsole()
  await setUpAgent()
  const absent = await installDebian(benchPrograms)
  if (absent.length > 0) throw new Stop(`${absent.join(', ')} missing: ${installHint(absent, benchPrograms)}.`)
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'test/bench/main.ts'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
  process.exitCode = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
})
