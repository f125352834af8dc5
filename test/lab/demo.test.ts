import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { namespacesWith, removeNamespaces } from '#scripts/run/namespaces.mjs'
import { root } from '#scripts/setup/project.mjs'
import { freePort } from './appliance.ts'
import { labPrefix } from './lab.ts'
import { until } from './until.ts'

const script = join(root, 'scripts/demo.mjs')
let folder: string
let env: NodeJS.ProcessEnv
let demo: ChildProcess
let output = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), `${labPrefix()}demo-`))
  await chmod(folder, 0o711)
  env = { ...process.env, TANGENT_PORT: String(await freePort()), TANGENT_STATE_DIR: join(folder, 'state') }
  demo = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [demo.stdout, demo.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
})
afterAll(async () => {
  if (demo.exitCode === null) demo.kill('SIGKILL')
  removeNamespaces(`${process.env.TANGENT_LAB_PREFIX ?? ''}demo${demo.pid}-`)
  await rm(folder, { recursive: true, force: true })
})

async function tell(...words: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [script, ...words], { env })).stdout
}

/** Throws with the whole status when it does not say this. */
async function statusSays(words: string): Promise<true> {
  const status = await tell('status')
  expect(status).toContain(words)
  return true
}

/** The last line of counters, as numbers: share of each backend and of errors in percent. */
function shares(): { web1: number; web2: number; web3: number; errors: number } | null {
  const line = output.trimEnd().split('\n').findLast((one) => one.startsWith('web1 '))
  const found = line ? [...line.matchAll(/(\d+) %/g)].map((match) => Number(match[1])) : []
  const [web1, web2, web3, errors] = found
  return web1 === undefined || web2 === undefined || web3 === undefined || errors === undefined ? null : { web1, web2, web3, errors }
}

test('within a minute the demo serves its clients by all three backends and says how to sign in', async () => {
  await until('all backends answer', () => {
    const now = shares()
    return now && now.web1 > 0 && now.web2 > 0 && now.web3 > 0 && now.errors === 0
  }, 60_000)
  expect(output).toMatch(/The console is at http:\/\/127\.0\.0\.1:\d+, name admin, password \S+/)
})

test('a broken backend shows in the counters and in the status, is taken out, and comes back when it is repaired', async () => {
  expect(await tell('break', 'web2')).toContain('the cable is out')
  await until('clients see errors', () => (shares()?.errors ?? 0) > 0)
  await until('the appliance has taken it out', () => statusSays('web2: error, not active'), 30_000)
  await until('clients see no more errors', () => shares()?.errors === 0 && shares()?.web2 === 0, 30_000)
  expect(await tell('repair', 'web2')).toContain('in again')
  await until('it serves again', () => (shares()?.web2 ?? 0) > 0 && shares()?.errors === 0, 30_000)
})

test('a drained backend gets no more clients, an enabled one does', async () => {
  await tell('drain', 'web1')
  await until('it gets no clients', () => (shares()?.web1 ?? 100) <= 5, 30_000)
  await statusSays('web1: draining')
  await tell('enable', 'web1')
  await until('it gets clients', () => (shares()?.web1 ?? 0) > 10, 30_000)
})

test('what is not understood is answered with the menu', async () => {
  expect(await tell('dance', 'web1')).toContain('break NAME')
  expect(await tell('break', 'web9')).toContain('There is no backend "web9"; they are web1, web2, web3.')
})

test('Ctrl-C removes everything', async () => {
  const gone = once(demo, 'exit')
  demo.kill('SIGINT')
  await gone
  expect(demo.exitCode).toBe(0)
  expect(namespacesWith(`${process.env.TANGENT_LAB_PREFIX ?? ''}demo${demo.pid}-`)).toEqual([])
  await expect(access(join(folder, 'state'))).rejects.toThrow()
})
