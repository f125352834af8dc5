import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { openLog } from '#agent/log.ts'
import { openCrew, type Crew } from '#agent/probe/crew.ts'
import { monitorSchema } from '#lib/domain/monitor.ts'
import type { ProbeResult } from '#agent/probe/target.ts'
import { until } from './until.ts'

let folder = ''
let crew: Crew | null = null
const heard: ProbeResult[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-'))
  heard.length = 0
})
afterEach(async () => {
  await crew?.stop()
  await rm(folder, { recursive: true })
})

const draft = { host: '127.0.0.1', asked: '127.0.0.1', port: 9, monitor: monitorSchema.parse({ type: 'tcp', interval: 0.5, timeout: 0.2 }) }

/** A crew whose worker is this program. */
async function crewOf(program: string): Promise<Crew> {
  const file = join(folder, 'worker.mjs')
  await writeFile(file, program)
  const ground = { build: async () => undefined, changes: () => async () => undefined, remove: async () => undefined }
  crew = openCrew({ program: file, place: 'here', ground, result: (result) => heard.push(result), log: openLog('silent') })
  return crew
}

test('a worker that ends at once is named with its own words, and who asks is told', async () => {
  const one = await crewOf('process.stderr.write("my leg is broken\\n"); process.exitCode = 3')
  expect(await one.once(draft)).toMatchObject({ reason: 'not-possible', detail: expect.stringContaining('code 3: my leg is broken') })
  expect(one.trouble()).toContain('my leg is broken')
})

test.each([
  ['no JSON', 'ready when you are'],
  ['another shape', '{"tell":"ready","and":"more"}'],
  ['a reason that nobody knows', '{"tell":"found","findings":[{"key":1,"at":1,"ms":1,"reason":"mood","detail":""}],"missed":0}'],
])('a worker that says %s is ended, and another one begins', async (_, words) => {
  const one = await crewOf(`import { appendFileSync } from 'node:fs'
appendFileSync(new URL('births', import.meta.url), 'x')
process.stdout.write('{"tell":"ready"}\\n')
process.stdin.once('data', () => process.stdout.write(${JSON.stringify(`${words}\n`)}))`)
  one.set('a', draft)
  await until('it was started again', async () => (await readFile(join(folder, 'births'), 'utf8')).length >= 2)
  expect(heard).toEqual([])
})

test('a worker that hangs is ended, and another one begins', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const one = await crewOf(`import { appendFileSync } from 'node:fs'
appendFileSync(new URL('births', import.meta.url), 'x')
process.stdout.write('{"tell":"ready"}\\n')
process.stdin.once('data', () => appendFileSync(new URL('births', import.meta.url), '?')).on('end', () => process.exit())`)
  const births = (): Promise<string> => readFile(join(folder, 'births'), 'utf8')
  one.set('a', draft)
  await until('it was asked', async () => (await births()) === 'x?')
  vi.advanceTimersByTime(10_000)
  expect(one.trouble()).toBe(null)
  vi.advanceTimersByTime(1000)
  expect(one.trouble()).toBe('the worker hangs')
  await until('another one was asked', async () => (await births()) === 'x?x?')
  await until('the trouble is over', () => one.trouble() === null)
})

test('a worker that never begins is ended too, by the end of the crew as well', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const one = await crewOf(`import { appendFileSync } from 'node:fs'
appendFileSync(new URL('births', import.meta.url), 'x')
process.stdin.resume().on('end', () => process.exit())`)
  const births = (): Promise<string> => readFile(join(folder, 'births'), 'utf8')
  one.set('a', draft)
  await until('it was born', async () => (await births()) === 'x')
  vi.advanceTimersByTime(11_000)
  await until('another one was born', async () => (await births()) === 'xx')
  expect(one.trouble()).toContain('setpriv ended')
  await one.stop()
})

test('a finding of a question that was replaced is dropped', async () => {
  const one = await crewOf(`process.stdout.write('{"tell":"ready"}\\n')
let keys = []
process.stdin.setEncoding('utf8').on('data', (text) => {
  for (const line of text.split('\\n').filter(Boolean)) {
    const order = JSON.parse(line)
    if (order.do === 'set') keys.push(...order.questions.map(({ key }) => key))
    // Findings of everything that was ever asked, as if each had been under way.
    process.stdout.write(JSON.stringify({ tell: 'found', findings: keys.map((key) => ({ key, at: 1, ms: key, reason: null, detail: '' })), missed: 2 }) + '\\n')
  }
}).on('end', () => process.exit())`)
  one.set('a', draft)
  await until('it was found', () => heard.length === 1)
  one.set('a', { ...draft, port: 10 })
  await until('it was found anew', () => heard.length >= 2)
  expect(heard.map(({ ms }) => ms)).toEqual([1, ...heard.slice(1).map(() => 2)])
  expect(one.missed()).toBeGreaterThanOrEqual(4)
  expect(one.missed()).toBe(0)
})
