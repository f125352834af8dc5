import { expect, test } from 'vitest'
import { projectFiles, sources, textOf, type Source } from './sources.ts'

const all = sources()
const within = (folder: string): Source[] => all.filter((source) => source.path.startsWith(`${folder}/`))

/** Folder → folders of the project that it may import from, beside itself. */
const directions: Record<string, string[]> = {
  'lib/domain': [],
  'lib/render': ['lib/domain'],
  'lib/prep': ['lib/domain'],
  agent: ['lib/domain', 'lib/render', 'lib/prep'],
  'lib/server': ['lib/domain', 'lib/render', 'lib/prep', 'prisma'],
  'lib/client': ['lib/domain', 'lib/prep'],
  components: ['lib/client', 'lib/domain', 'lib/prep'],
  app: ['components', 'lib/client', 'lib/server', 'lib/domain'],
}
const own = /^(lib|agent|app|components|prisma|test|scripts)\//

test.each(Object.entries(directions))('%s imports only from where it may', (folder, allowed) => {
  const files = within(folder)
  expect(files.length).toBeGreaterThan(0)
  const wrong = files.flatMap(({ path, imports }) =>
    imports.filter((target) => own.test(target) && ![folder, ...allowed].some((each) => target.startsWith(`${each}/`))).map((target) => `${path} imports ${target}`),
  )
  expect(wrong).toEqual([])
})

test('the agent knows neither the web nor the database', () => {
  const foreign = /^(next|react|react-dom|@prisma\/.*|better-sqlite3|better-auth)(\/|$)/
  expect(within('agent').flatMap(({ path, imports }) => imports.filter((target) => foreign.test(target)).map((target) => `${path} imports ${target}`))).toEqual([])
})

test('in the agent only run.ts starts programs', () => {
  const starters = within('agent').filter(({ imports }) => imports.some((target) => /^(node:)?child_process$/.test(target)))
  expect(starters.map(({ path }) => path)).toEqual(['agent/run.ts'])
})

test('the console starts no program', () => {
  const web = ['app', 'components', 'lib/server', 'lib/client'].flatMap(within)
  expect(web.filter(({ imports }) => imports.some((target) => /^(node:)?child_process$/.test(target))).map(({ path }) => path)).toEqual([])
})

test('domain, render and prep are pure: no I/O, no clock, no randomness', () => {
  const pure = ['lib/domain', 'lib/render', 'lib/prep'].flatMap(within)
  const impure = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bMath\.random\(|\bcrypto\.|\bprocess\.[a-zA-Z]|\bfetch\(|\bsetTimeout\(|\bsetInterval\(/
  const wrong = pure.flatMap(({ path, text, imports }) => [
    ...imports.filter((target) => !own.test(target) && !['zod', 'ipaddr.js'].includes(target)).map((target) => `${path} imports ${target}`),
    ...text.split('\n').flatMap((line, index) => (impure.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
  ])
  expect(wrong).toEqual([])
})

test('no file is longer than 300 lines', () => {
  expect(all.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
})

test('file names are kebab-case and say what is in them', () => {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/
  const empty = /^(index|utils?|helpers?|common|misc)\./
  const names = all.map(({ path }) => ({ path, name: path.split('/').at(-1) ?? '' }))
  expect(names.filter(({ name }) => !kebab.test(name) || empty.test(name)).map(({ path }) => path)).toEqual([])
})

test('no test is left out or run alone', () => {
  const marked = new RegExp(`\\b(test|it|describe)(\\.[a-z]+)*\\.(${['only', 'skip', 'todo', 'skipIf', 'runIf', 'fails'].join('|')})\\b`)
  expect(within('test').filter(({ text }) => marked.test(text)).map(({ path }) => path)).toEqual([])
})

test('no file names a path of the machine that it was written on', () => {
  const paths = new RegExp(['/work', '/main\\b|/work', '/shared|\\.\\./', 'shared/|/root', '/(?!\\.)|/home/[a-z]'].join(''))
  const wrong = projectFiles().filter((file) => !file.endsWith('package-lock.json')).flatMap((file) => textOf(file).split('\n').flatMap((line, index) => (paths.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])))
  expect(wrong).toEqual([])
})
