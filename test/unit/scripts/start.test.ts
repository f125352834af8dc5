import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '#scripts/setup/project.mjs'
import { readSettings, urlOf } from '#scripts/setup/settings.mjs'

const execute = promisify(execFile)

type Ended = { code: number; stdout: string; stderr: string }

async function node(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  try {
    return { code: 0, ...(await execute(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, timeout: 15_000 })) }
  } catch (error) {
    const { code, stdout, stderr } = error as Ended // What execFile rejects with when a program fails.
    return { code, stdout, stderr }
  }
}

test.each(['up', 'console', 'agent', 'demo', 'test', 'build'])('npm run %s says in one sentence that Node is too old, and does nothing else', async (command) => {
  const pretend = "Object.defineProperty(process.versions, 'node', { value: '18.20.4' })"
  const ended = await node(['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, join(root, 'scripts', `${command}.mjs`)])
  expect(ended.code).toBe(1)
  expect(ended.stdout).toBe('')
  expect(ended.stderr.trim()).toMatch(/^Tangent needs Node 20\.19 or newer and this is 18\.20\.4\..*$/)
})

test('a port that is taken ends the start with one sentence that names another port', async () => {
  const server: Server = await new Promise((resolve) => {
    const taken = createServer().listen(0, '127.0.0.1', () => resolve(taken))
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const ended = await node([join(root, 'scripts/up.mjs')], { TANGENT_PORT: String(port) })
  server.close()
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toBe(`Port ${port} on 127.0.0.1 is taken by another program. Stop that program, or choose another port: TANGENT_PORT=${port + 1} npm run up\n`)
})

test('a port that is no port is refused before anything is installed', async () => {
  const ended = await node([join(root, 'scripts/up.mjs')], { TANGENT_PORT: 'web' })
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr: 'TANGENT_PORT is "web", which is no port. Give a number from 1 to 65535.\n' })
})

test('settings have absolute paths, and the socket stands in the state directory', () => {
  const settings = readSettings({ TANGENT_STATE_DIR: 'state', TANGENT_PORT: '', TANGENT_HOST: '::' })
  expect(settings).toEqual({ port: 3000, host: '::', stateDir: join(process.cwd(), 'state'), socket: join(process.cwd(), 'state/agent.sock') })
  expect(urlOf(settings)).toBe('http://localhost:3000')
  expect(urlOf({ host: '2001:db8::1', port: 80 })).toBe('http://[2001:db8::1]:80')
})

test('an unknown part of the tests, and a command for a demo that does not run, are answered with a sentence', async () => {
  const part = await node([join(root, 'scripts/test.mjs'), 'everything'])
  expect(part).toMatchObject({ code: 1, stderr: 'There is no part "everything". The parts are prep, types, lint, unit, api, browser, lab.\n' })
  const demo = await node([join(root, 'scripts/demo.mjs'), 'break', 'web2'], { TANGENT_STATE_DIR: join(root, 'dist/no-demo') })
  expect(demo.code).toBe(1)
  expect(demo.stderr).toMatch(/^No demo is running here\. Start it with "npm run demo"/)
})
