import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, expect, test, vi } from 'vitest'
import { keepRunning } from '#scripts/run/keep.mjs'

const folder = mkdtempSync(join(tmpdir(), 'tangent-keep-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A program that notes its process number in a file, then does what `code` says. */
function program(name: string, code: string): { args: string[]; starts: () => number[] } {
  const file = join(folder, name)
  writeFileSync(file, '')
  return {
    args: ['-e', `require('fs').appendFileSync(${JSON.stringify(file)}, process.pid + '\\n'); ${code}`],
    starts: () => readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number),
  }
}

const common = { command: process.execPath, env: process.env, output: new PassThrough().resume() }

test('a program that dies is started again, and that is said', async () => {
  const { args, starts } = program('dies', 'setInterval(() => undefined, 1000)')
  const running = keepRunning({ name: 'The program', args, ...common })
  await vi.waitFor(() => expect(starts()).toHaveLength(1), 10_000)
  process.kill(Number(starts()[0]), 'SIGKILL')
  await vi.waitFor(() => expect(starts()).toHaveLength(2), 10_000)
  await running.stop()
  expect(running.isRunning()).toBe(false)
})

test('a stopped program gets SIGTERM, may end in its own way, and is not started again', async () => {
  const { args, starts } = program('ends', `process.on('SIGTERM', () => { require('fs').writeFileSync(${JSON.stringify(join(folder, 'last words'))}, 'done'); process.exit(0) }); setInterval(() => undefined, 1000)`)
  const running = keepRunning({ name: 'The program', args, ...common })
  await vi.waitFor(() => expect(starts()).toHaveLength(1), 10_000)
  await running.stop()
  expect(readFileSync(join(folder, 'last words'), 'utf8')).toBe('done')
  expect(starts()).toHaveLength(1)
})

test('output of the program is read even when nobody reads ours', async () => {
  const { args, starts } = program('talks', "for (let i = 0; i < 2000; i += 1) process.stdout.write('x'.repeat(1000)); setInterval(() => undefined, 1000)")
  const closed = new PassThrough()
  closed.destroy()
  const running = keepRunning({ name: 'The program', args, ...common, output: closed })
  await vi.waitFor(() => expect(starts()).toHaveLength(1), 10_000)
  await running.stop()
  expect(running.isRunning()).toBe(false)
})
