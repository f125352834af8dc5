import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { env } from './env.ts'

/**
 * The key that signs session cookies, made at the first start. It is kept beside the database and not in it, so that a copy of
 * the database alone opens no session; without the file people only have to sign in again.
 */
export function sessionSecret(): string {
  const file = env().secretFile
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8')
}
