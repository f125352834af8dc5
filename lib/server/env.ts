import path from 'node:path'
import { parseEnv, type Env } from '#lib/domain/env.ts'
import { singleton } from './singleton.ts'

export type ServerEnv = Env & { database: string; secretFile: string }

/** The console's settings, with absolute paths. Throws an Error with one sentence per wrong variable. */
export function env(): ServerEnv {
  return singleton('env', () => {
    const given = parseEnv(process.env)
    const stateDir = path.resolve(given.stateDir)
    return { ...given, stateDir, socket: path.resolve(given.socket), database: path.join(stateDir, 'console.db'), secretFile: path.join(stateDir, 'secret') }
  })
}
