import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consoleUser } from '#scripts/run/console-user.mjs'
import { removeNamespaces } from '#scripts/run/namespaces.mjs'
import { root } from '#scripts/setup/project.mjs'
import { freePort } from './appliance.ts'
import { command, inside } from './command.ts'
import { labPrefix } from './lab.ts'
import { until } from './until.ts'

/** An ordinary user who may read the clone wherever it is, also below a folder of root. */
const ordinary = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search', process.execPath]

/** A machine of its own for the command: nothing of it reaches the rules or ports of this one. */
const prefix = labPrefix()
const namespace = `${prefix}host`
let folder: string
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), `${prefix}up-`))
  await chmod(folder, 0o711)
  port = await freePort()
  await command(['ip', 'netns', 'add', namespace])
  await command(['ip', '-n', namespace, 'link', 'set', 'lo', 'up'])
})
afterAll(async () => {
  removeNamespaces(prefix)
  await rm(folder, { recursive: true, force: true })
})

type Up = { child: ChildProcess; output: () => string; end: () => Promise<number | null> }

function start(script: string, env: Record<string, string> = {}): Up {
  const [program = '', ...args] = inside(namespace, [process.execPath, join(root, 'scripts', script)])
  const child = spawn(program, args, { env: { ...process.env, TANGENT_PORT: String(port), TANGENT_STATE_DIR: join(folder, 'state'), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return {
    child,
    output: () => output,
    end: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGINT')
      await gone
      return child.exitCode
    },
  }
}

async function ready(up: Up): Promise<void> {
  await until('the command says that all runs', () => up.output().includes('Ctrl-C ends') || (up.child.exitCode !== null && up.output()), 60_000).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${up.output()}`)
  })
}

async function processes(): Promise<string[]> {
  return (await command(['ip', 'netns', 'pids', namespace])).split('\n').filter(Boolean)
}

const url = (path: string): string => `http://127.0.0.1:${port}${path}`
const curl = (...args: string[]): Promise<string> => command(inside(namespace, ['curl', '-fsS', ...args]))

test('the first start prints the address and a one-time password that lets the administrator in; Ctrl-C ends all of it', async () => {
  const up = start('up.mjs')
  await ready(up)
  expect(up.output()).toContain(`Tangent is at http://127.0.0.1:${port}`)
  const password = /one-time password (\S+)/.exec(up.output())?.[1] ?? ''
  const body = JSON.stringify({ name: 'admin', password })
  const session = await curl('-X', 'POST', '-H', 'content-type: application/json', '-H', `origin: http://127.0.0.1:${port}`, '-d', body, url('/api/v1/session'))
  expect(JSON.parse(session)).toBeTruthy()
  expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, 'state/console.db'))).mode & 0o777).toBe(0o600)
  await until('the agent listens', () => up.output().includes('the agent listens'), 30_000)
  expect(await up.end()).toBe(0)
  expect(await processes()).toEqual([])
})

test('the second start sets nothing up, prints no password and is there within seconds', async () => {
  const begun = performance.now()
  const up = start('up.mjs')
  await ready(up)
  expect(performance.now() - begun).toBeLessThan(15_000)
  expect(up.output()).not.toContain('password')
  expect(up.output()).not.toContain('•')
  expect(await up.end()).toBe(0)
})

test('the console has no capability, and is an ordinary user where one may enter the folders', async () => {
  const up = start('console.mjs')
  await ready(up).catch(() => undefined)
  const status = await until('the console runs', async () => {
    for (const pid of await processes()) {
      const text = await command(['cat', `/proc/${pid}/status`])
      if (text.startsWith('Name:\tnext-server')) return text
    }
    return null
  })
  expect(status).toMatch(/^CapEff:\t0+$/m)
  expect(status).toMatch(/^CapBnd:\t0+$/m)
  expect(status).toMatch(/^NoNewPrivs:\t1$/m)
  const user = consoleUser({ stateDir: join(folder, 'state') })
  expect(status).toContain(`\nUid:\t${user?.uid ?? 0}\t`)
  if (!user) expect(up.output()).toContain('The console runs as root without capabilities, because no other user may enter')
  await up.end()
})

test('a starter that is killed leaves no console and no agent behind', async () => {
  const up = start('up.mjs')
  await ready(up)
  await until('the agent listens', () => up.output().includes('the agent listens'), 30_000)
  up.child.kill('SIGKILL')
  await until('every process is gone', async () => (await processes()).length === 0, 20_000)
})

test('a console that dies is started again while the rest goes on', async () => {
  const up = start('up.mjs')
  await ready(up)
  await until('the agent listens', () => up.output().includes('the agent listens'), 30_000)
  for (const pid of await processes()) {
    if ((await command(['cat', `/proc/${pid}/comm`])).startsWith('next-server')) process.kill(Number(pid), 'SIGKILL')
  }
  await until('the starter says so', () => up.output().includes('The console ended (SIGKILL); it is started again in 1 s.'))
  await until('the console answers again', () => curl(url('/healthz')), 30_000)
  expect(await up.end()).toBe(0)
})

test('without root the console runs alone, and the command says what the agent needs', async () => {
  const state = join(folder, 'nobody')
  await command(['install', '-d', '-o', '65534', '-g', '65534', state])
  const up = spawn('ip', ['netns', 'exec', namespace, ...ordinary, join(root, 'scripts/up.mjs')], {
    env: { ...process.env, TANGENT_PORT: String(port), TANGENT_STATE_DIR: join(state, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [up.stdout, up.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await until('the console is there', () => output.includes('Ctrl-C ends'), 60_000)
  expect(output).toContain('Without the agent nothing reaches the kernel; changes are kept until it runs. The agent needs root')
  await curl(url('/healthz'))
  const gone = once(up, 'exit')
  up.kill('SIGINT')
  await gone
  expect(up.exitCode).toBe(0)
})

test('the agent alone refuses to start without root, in one sentence', async () => {
  const [program = '', ...args] = [...ordinary, join(root, 'scripts/agent.mjs')]
  const ended = await promisify(execFile)(program, args, { env: process.env }).catch((error: { code: number; stderr: string }) => error)
  expect(ended).toMatchObject({ code: 1 })
  expect(ended.stderr.trim().split('\n')).toHaveLength(1)
  expect(ended.stderr).toContain('The agent needs root')
})
