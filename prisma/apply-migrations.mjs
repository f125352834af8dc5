import { createHash, randomUUID } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'

const ledger = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT,
  "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`

/**
 * Applies the migrations that the database file lacks and answers their names: with Prisma's own bookkeeping but without its
 * CLI, each migration whole or not at all. Creates a missing file with mode 0600 and its folder with 0700. Every failure is
 * an Error with a sentence for the operator; the file is left as it was.
 * @param {string} file absolute path of the database
 * @param {string} folder absolute path of prisma/migrations
 * @param {{ timeout?: number }} [options] timeout: milliseconds to wait for another program's lock
 * @returns {string[]}
 */
export function migrate(file, folder, options = {}) {
  let db = null
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    closeSync(openSync(file, 'a', 0o600))
    db = new Database(file, { timeout: options.timeout ?? 5000 })
    db.pragma('journal_mode = WAL')
    const [health] = db.pragma('quick_check(1)')
    if (health.quick_check !== 'ok') throw Object.assign(new Error(health.quick_check), { code: 'SQLITE_CORRUPT' })
    return applyPending(db, folder)
  } catch (error) {
    throw new Error(inWords(error, file), { cause: error })
  } finally {
    db?.close()
  }
}

function applyPending(db, folder) {
  // Off before the transaction, where it has no effect any more: Prisma rebuilds a table by dropping it, which would cascade.
  db.pragma('foreign_keys = OFF')
  db.exec(ledger)
  const rows = db.prepare('SELECT migration_name AS name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL').all()
  const done = new Map(rows.map((row) => [row.name, row.checksum]))
  const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'migration.sql'))).sort()
  const unknown = [...done.keys()].find((name) => !names.includes(name))
  if (unknown) throw Object.assign(new Error(unknown), { code: 'NEWER' })
  return names.filter((name) => applyOne(db, name, readFileSync(path.join(folder, name, 'migration.sql'), 'utf8'), done.get(name)))
}

function applyOne(db, name, sql, recorded) {
  const checksum = createHash('sha256').update(sql).digest('hex')
  if (recorded === checksum) return false
  if (recorded !== undefined) throw Object.assign(new Error(name), { code: 'EDITED' })
  const now = new Date().toISOString().replace('Z', '+00:00')
  db.transaction(() => {
    db.exec(sql)
    const orphans = db.pragma('foreign_key_check')
    if (orphans.length > 0) throw new Error(`${name} leaves rows of ${orphans[0].table} without their parent`)
    db.prepare('INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count) VALUES (?, ?, ?, ?, ?, 1)').run(randomUUID(), checksum, now, name, now)
  }).immediate()
  return true
}

function inWords(error, file) {
  const code = String(error.code ?? '')
  if (code === 'EDITED') return `Migration ${error.message} was edited after it had been applied to ${file}. Restore its migration.sql and add a new migration instead.`
  if (code === 'NEWER') return `The database ${file} was written by a newer version of Tangent (it has ${error.message}). Install that version, or restore a backup.`
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) return `The database ${file} is damaged (${error.message}). Nothing was changed: restore a backup, or move the file away to start with an empty one.`
  if (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED') return `The database ${file} is in use by another program. Stop the other console or tool that has it open, and start again.`
  if (code.startsWith('SQLITE_FULL') || code === 'ENOSPC') return `There is no space left on the disk of ${file}. Free some and start again; nothing was lost.`
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN') || code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR') {
    return `The database ${file} cannot be written (${error.message}). Give the file and its folder to the user that runs the console.`
  }
  return `The database ${file} could not be brought up to date: ${error.message}. It is as it was before.`
}
