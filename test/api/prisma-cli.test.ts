import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { migrate } from '#prisma/apply-migrations.mjs'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(path.join(tmpdir(), 'tangent-prisma-'))
const file = path.join(folder, 'console.db')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the CLI without any way to the Internet: its schema engine is the one in this project. */
async function prisma(...args: string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: `file:${file}`, CHECKPOINT_DISABLE: '1', PRISMA_ENGINES_MIRROR: 'http://127.0.0.1:9' }
  const { stdout } = await run(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), ...args], { cwd: root, env })
  return stdout
}

test('the schema is valid, and the migrations make exactly the tables that it describes', async () => {
  expect(await prisma('validate')).toContain('is valid')
  expect(await prisma('migrate', 'diff', '--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/schema.prisma', '--exit-code')).toContain('No difference detected')
})

test('a database that the console brought up to date is up to date for Prisma too', async () => {
  migrate(file, path.join(root, 'prisma/migrations'))
  expect(await prisma('migrate', 'status')).toContain('Database schema is up to date')
})
