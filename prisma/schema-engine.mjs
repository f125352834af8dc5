#!/usr/bin/env node
// Stands in for Prisma's native `schema-engine`, which can only be downloaded: the same arguments and line-delimited
// JSON-RPC on stdio, answered by the wasm engine that npm carries. The protocol is undocumented: keep both pinned.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'
import { databaseCommand } from './schema-engine-cli.mjs'

const args = process.argv.slice(2)
if (args.includes('--version')) {
  console.log('schema-engine-cli wasm')
  process.exit(0)
}

const options = (name) => args.flatMap((arg, index) => (arg === name ? [args[index + 1]] : []))
const url = JSON.parse(options('--datasource')[0] ?? '{}').url
const file = url ? path.resolve(url.replace(/^file:(\/\/)?/, '').split('?')[0]) : null

if (args.includes('cli')) process.exit(databaseCommand(args[args.indexOf('cli') + 1], file))

await startWasm()
const factory = bindMigrationAwareSqlAdapterFactory(adapterFactory())
const datamodels = options('--datamodels').map((name) => [name, readFileSync(name, 'utf8')])
const engine = await bindings.SchemaEngine.new({ datamodels: datamodels.length > 0 ? datamodels : undefined }, () => {}, factory)

let turn = Promise.resolve()
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  if (request.method) turn = turn.then(() => answer(request))
}
await turn
process.exit(0)

async function startWasm() {
  const folder = path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'))
  const { instance } = await WebAssembly.instantiate(readFileSync(path.join(folder, 'schema_engine_bg.wasm')), { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
}

/** The engine replays whole migration files on the shadow database, but better-sqlite3 prepares one statement at a time. */
function adapterFactory() {
  const inner = new PrismaBetterSqlite3({ url: file ? `file:${file}` : ':memory:' })
  const connectToShadowDb = inner.connectToShadowDb.bind(inner)
  inner.connectToShadowDb = async () => {
    const adapter = await connectToShadowDb()
    const queryRaw = adapter.queryRaw.bind(adapter)
    const executeRaw = adapter.executeRaw.bind(adapter)
    adapter.queryRaw = (query) => orScript(adapter, query, () => queryRaw(query), { columnNames: [], columnTypes: [], rows: [] })
    adapter.executeRaw = (query) => orScript(adapter, query, () => executeRaw(query), 0)
    return adapter
  }
  return inner
}

async function orScript(adapter, query, single, empty) {
  try {
    return await single()
  } catch (error) {
    if (!/more than one statement|contains no statements/.test(error.message)) throw error
    await adapter.executeScript(query.sql)
    return empty
  }
}

async function answer({ id, method, params }) {
  try {
    const result = (await call(method, params)) ?? {}
    if (method !== 'diff') return send({ id, result })
    if (result.stdout) send({ id: `print-${id}`, method: 'print', params: { content: result.stdout } })
    send({ id, result: { exitCode: result.exitCode } })
  } catch (error) {
    const message = withCause(error.message)
    send({ id, error: { code: 4466, message, data: { is_panic: error.name === 'RuntimeError', message, error_code: error.code ?? null, meta: error.meta ?? null } } })
  }
}

/** A fresh database has no `_prisma_migrations` and the wasm engine says P1014 instead of "none yet": create it, ask again. */
async function call(method, params) {
  const run = () => engine[method === 'getDatabaseVersion' ? 'version' : method](params)
  try {
    return await run()
  } catch (error) {
    if (error.code !== 'P1014' || !error.message.includes('_prisma_migrations') || !params?.migrationsList) throw error
    const none = { ...params.migrationsList, migrationDirectories: [] }
    await engine.applyMigrations({ migrationsList: none, filters: params.filters ?? { externalTables: [], externalEnums: [] } })
    return run()
  }
}

function withCause(message) {
  const match = /External error id#(\d+)/.exec(message)
  const cause = match ? factory.errorRegistry?.consumeError(Number(match[1]))?.error : null
  return match && cause ? message.replace(match[0], String(cause.message ?? cause)) : message
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}
