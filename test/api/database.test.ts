import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync, appendFileSync, statSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { db } from '#lib/server/db.ts'
import { stop } from '#lib/server/stop.ts'
import { migrate } from '#prisma/apply-migrations.mjs'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()
const web = '/api/v1/farms/web'
const migrations = path.resolve(import.meta.dirname, '../../prisma/migrations')

function databaseFile(): string {
  return path.join(it.folder, 'state/console.db')
}

test('a change whose audit entry cannot be written is not made at all', async () => {
  await it.api('PUT', web, { body: farm() })
  await db().$executeRawUnsafe(`CREATE TRIGGER no_audit BEFORE INSERT ON "Audit" BEGIN SELECT RAISE(ABORT, 'no'); END`)
  const reply = await it.api('PUT', web, { body: farm({ persistenceTtl: 90 }), headers: { 'if-match': '"g1"' } })
  expect(reply.status).toBe(500)
  expect(reply.body.detail).not.toContain('RAISE')
  expect((await it.api('GET', web)).body).toMatchObject({ persistenceTtl: 60 })
  expect((await it.api('GET', '/api/v1/revisions')).body.items).toHaveLength(1)
  expect(it.agent.desired.generation).toBe(1)
})

test('revisions are differences, and undone backwards they give the state of any generation', async () => {
  await it.api('PUT', web, { body: farm() })
  await it.api('PATCH', web, { body: { persistenceTtl: 90 }, headers: { 'if-match': '*' } })
  await it.api('DELETE', web, { headers: { 'if-match': '*' } })
  const { items } = (await it.api('GET', '/api/v1/revisions')).body
  expect(items).toMatchObject([
    { generation: 3, actor: 'token:admin', changes: [{ farm: 'web', before: { persistenceTtl: 90 }, after: null }] },
    { generation: 2, changes: [{ before: { persistenceTtl: 60 }, after: { persistenceTtl: 90 } }] },
    { generation: 1, changes: [{ before: null, after: { name: 'web' } }] },
  ])
  expect((await it.api('GET', '/api/v1/revisions?limit=1&cursor=3')).body).toMatchObject({ items: [{ generation: 2 }], next: '2' })
})

test('a database that another program has locked is a 503 to try again, and nothing is lost', async () => {
  await it.api('GET', '/api/v1/farms')
  const other = new Database(databaseFile())
  other.exec('BEGIN IMMEDIATE')
  const reply = await it.api('PUT', web, { body: farm() })
  expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '1'])
  other.exec('ROLLBACK')
  other.close()
  expect((await it.api('PUT', web, { body: farm() })).status).toBe(201)
})

test('a full disk is told in words, the change is not made, and the next one works', async () => {
  await it.api('PUT', web, { body: farm() })
  await db().$queryRawUnsafe('PRAGMA max_page_count = 1')
  const many = Array.from({ length: 200 }, (_, index) => ({ name: `b${index}`, address: `203.0.113.${index + 20}` }))
  const full = await it.api('PUT', '/api/v1/farms/big', { body: farm({ name: 'big', vip: '203.0.113.8', backends: many }) })
  expect([full.status, full.body.type]).toEqual([507, 'urn:tangent:problem:storage-full'])
  expect((await it.api('GET', '/api/v1/farms/big')).status).toBe(404)
  await db().$queryRawUnsafe('PRAGMA max_page_count = 1000000')
  expect((await it.api('PUT', '/api/v1/farms/small', { body: farm({ name: 'small', vip: '203.0.113.8' }) })).status).toBe(201)
})

test('a query beside an open transaction is not lost when that one is rolled back', async () => {
  const blocked = db().$transaction(async (tx) => {
    await tx.token.create({ data: { name: 'inside', hash: 'a', scope: 'read', createdAt: new Date() } })
    throw new Error('rolled back')
  })
  const beside = db().token.create({ data: { name: 'beside', hash: 'b', scope: 'read', createdAt: new Date() } })
  await expect(blocked).rejects.toThrow('rolled back')
  await beside
  expect((await db().token.findMany()).map((token) => token.name)).toEqual(['beside'])
})

test('farms of an earlier version keep their scheduler, are not monitored, and their VIPs are known', async () => {
  const first = path.join(it.folder, 'first')
  mkdirSync(first)
  cpSync(path.join(migrations, '20261121020746_init'), path.join(first, '20261121020746_init'), { recursive: true })
  const file = path.join(it.folder, 'old.db')
  migrate(file, first)
  const old = new Database(file)
  const insert = old.prepare(`INSERT INTO "Farm" VALUES (?, ?, 1, 'enabled', 'dsr', 'l2', NULL, ?, 'tcp', '["80"]', 'symhash', '["srcip","srcport"]', '[]', 60)`)
  insert.run('web', 'web', '203.0.113.7')
  insert.run('big', 'big', '203.0.113.8')
  const backend = old.prepare(`INSERT INTO "Backend" VALUES (?, ?, ?, NULL, NULL, 1, 1, 'enabled', 1)`)
  backend.run('web', 'web1', '203.0.113.21')
  for (let i = 0; i < 65; i++) backend.run('big', `b${i}`, `203.0.113.${100 + i}`)
  old.close()
  expect(migrate(file, migrations).length).toBeGreaterThan(0)
  await stop()
  copyFileSync(file, databaseFile())
  expect((await it.api('GET', '/api/v1/farms/web')).body).toMatchObject({ vip: '203.0.113.7', additionalVips: [], scheduler: 'symhash', slots: 4093, handoverPeriod: 3600, handoverSize: 65_536, monitor: null, whenAllUnhealthy: 'keep', slowStart: 0, backends: [{ name: 'web1', monitor: null }] })
  expect((await it.api('GET', '/api/v1/farms/big')).body).toMatchObject({ scheduler: 'symhash', slots: 65537 })
  const rival = await it.api('PUT', '/api/v1/farms/other', { body: farm({ name: 'other' }) })
  expect(rival.body.errors).toMatchObject([{ pointer: '/ports', code: 'vip-port-taken' }])
})

describe('at the start', () => {
  const copy = (): string => {
    const file = path.join(it.folder, 'other.db')
    migrate(file, migrations)
    return file
  }

  test('a new database is for the console alone, and a second start applies nothing', () => {
    const file = path.join(it.folder, 'new/console.db')
    expect(migrate(file, migrations).length).toBeGreaterThan(0)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(migrate(file, migrations)).toEqual([])
  })

  test('a damaged database is kept as it is and named', () => {
    const file = copy()
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0x5a, 0, 4096))
    expect(() => migrate(file, migrations)).toThrow(/other\.db is damaged .* Nothing was changed: restore a backup/)
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  test('a locked database is told apart', () => {
    const file = copy()
    const other = new Database(file)
    other.exec('BEGIN EXCLUSIVE')
    const folder = path.join(it.folder, 'more')
    cpSync(migrations, folder, { recursive: true })
    const extra = path.join(folder, '99990101000000_more')
    cpSync(path.join(folder, newest()), extra, { recursive: true })
    writeFileSync(path.join(extra, 'migration.sql'), 'CREATE TABLE "More" ("id" INTEGER PRIMARY KEY);')
    expect(() => migrate(file, folder, { timeout: 50 })).toThrow(/in use by another program/)
    other.exec('ROLLBACK')
    other.close()
    expect(migrate(file, folder)).toEqual(['99990101000000_more'])
    expect(() => migrate(file, migrations)).toThrow(/written by a newer version/)
  })

  test('an edited migration is refused, and one that fails leaves nothing behind', () => {
    const file = copy()
    const folder = path.join(it.folder, 'edited')
    cpSync(migrations, folder, { recursive: true })
    const sql = path.join(folder, newest(), 'migration.sql')
    appendFileSync(sql, '\n-- edited')
    expect(() => migrate(file, folder)).toThrow(/was edited after it had been applied/)
    copyFileSync(path.join(migrations, newest(), 'migration.sql'), sql)
    const bad = path.join(folder, '99990101000000_bad')
    cpSync(path.join(folder, newest()), bad, { recursive: true })
    writeFileSync(path.join(bad, 'migration.sql'), 'CREATE TABLE "Half" ("id" INTEGER PRIMARY KEY); CREATE TABLE "Farm" ("id" INTEGER);')
    expect(() => migrate(file, folder)).toThrow(/It is as it was before/)
    const after = new Database(file)
    expect(after.prepare("SELECT name FROM sqlite_master WHERE name = 'Half'").all()).toEqual([])
    after.close()
  })
})

function newest(): string {
  const database = new Database(databaseFile())
  const row = database.prepare('SELECT migration_name AS name FROM _prisma_migrations ORDER BY migration_name DESC').get()
  database.close()
  return String(typeof row === 'object' && row !== null ? Reflect.get(row, 'name') : '')
}
