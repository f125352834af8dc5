import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQuery, Transaction } from '@prisma/driver-adapter-utils'

type Release = () => void

// WAL lets reads pass writes of other processes; FULL makes an acknowledged change survive a power cut.
const pragmas = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;'

const begin: SqlQuery = { sql: 'BEGIN IMMEDIATE', args: [], argTypes: [] }
const rollback: SqlQuery = { sql: 'ROLLBACK', args: [], argTypes: [] }

/**
 * Prisma on one SQLite connection, one query or one transaction at a time, first come first served.
 * The stock adapter orders only transactions among themselves: a query beside an open transaction joins it and is lost with
 * its rollback. `file` is an absolute path; `timeout` is how long to wait for another process's lock, in milliseconds.
 */
export function sqliteAdapter(file: string, timeout = 1500): SqlDriverAdapterFactory {
  const inner = new PrismaBetterSqlite3({ url: `file:${file}`, timeout })
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    connect: async () => {
      const adapter = await inner.connect()
      await adapter.executeScript(pragmas)
      return serialised(adapter)
    },
  }
}

function serialised(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const acquire = queue()
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    const release = await acquire()
    try {
      return await work()
    } finally {
      release()
    }
  }
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    queryRaw: (query) => alone(() => adapter.queryRaw(query)),
    executeRaw: (query) => alone(() => adapter.executeRaw(query)),
    executeScript: (script) => alone(() => adapter.executeScript(script)),
    dispose: () => alone(() => adapter.dispose()),
    startTransaction: async () => {
      const release = await acquire()
      try {
        await adapter.executeRaw(begin)
        return transaction(adapter, release)
      } catch (error) {
        release()
        throw error
      }
    },
  }
}

/** With `usePhantomQuery` false the engine sends COMMIT and ROLLBACK itself and then calls the function of that name. */
function transaction(adapter: SqlDriverAdapter, release: Release): Transaction {
  const savepoint = async (sql: string): Promise<void> => {
    await adapter.executeRaw({ sql, args: [], argTypes: [] })
  }
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    options: { usePhantomQuery: false },
    queryRaw: (query) => adapter.queryRaw(query),
    executeRaw: (query) => adapter.executeRaw(query),
    createSavepoint: (name) => savepoint(`SAVEPOINT ${name}`),
    rollbackToSavepoint: (name) => savepoint(`ROLLBACK TO ${name}`),
    releaseSavepoint: (name) => savepoint(`RELEASE SAVEPOINT ${name}`),
    commit: async () => release(),
    // After a COMMIT that failed the transaction may still be open; after a ROLLBACK there is none, which is an error here.
    rollback: () => adapter.executeRaw(rollback).then(release, release),
  }
}

/** A lock handed over in the order of asking. Calling a release twice is harmless. */
function queue(): () => Promise<Release> {
  let tail: Promise<void> = Promise.resolve()
  return async () => {
    const before = tail
    let release: Release = () => {}
    tail = new Promise((resolve) => {
      release = resolve
    })
    await before
    return release
  }
}
