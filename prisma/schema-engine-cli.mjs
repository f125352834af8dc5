import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import path from 'node:path'

/** The engine's commands about the database file itself. Answers the exit code; errors go to stderr in the engine's log format. */
export function databaseCommand(command, file) {
  if (command === 'can-connect-to-database') return existsSync(file) ? 0 : fail('P1003', `Database \`${path.basename(file)}\` does not exist`)
  if (command === 'create-database') {
    mkdirSync(path.dirname(file), { recursive: true })
    closeSync(openSync(file, 'a'))
    return 0
  }
  if (command === 'drop-database') {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true })
    return 0
  }
  return fail('P0000', `unsupported: cli ${command}`)
}

function fail(code, message) {
  const line = { level: 'ERROR', target: 'schema_engine::logger', fields: { is_panic: false, error_code: code, message } }
  process.stderr.write(`\n${JSON.stringify(line)}`)
  return 1
}
