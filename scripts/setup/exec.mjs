import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { accessSync, constants } from 'node:fs'
import { actsForOwner, owner, root } from './project.mjs'
import { Stop } from './say.mjs'

/**
 * Runs a program to its end and keeps answers its output. `asOwner` runs it as the owner of the clone, `user` as another.
 * Throws Stop with the end of the output.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined>, asOwner?: boolean, user?: { uid: number, gid: number } | null }} [options]
 * @returns {Promise<string>}
 */
export function exec(command, args, { env = {}, asOwner = false, user = null } = {}) {
  const identity = user ?? (asOwner && actsForOwner ? owner : {})
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], ...identity })
    let output = ''
    const keep = (chunk) => (output = (output + chunk).slice(-20_000))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => reject(new Stop(`${command} cannot be started: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new Stop(`${output.trimEnd().split('\n').slice(-40).join('\n')}\n"${[command, ...args].join(' ')}" failed (${signal ?? `exit code ${code}`}).`))
    })
  })
}

/** True when PATH, or the folders of system programs that a user's PATH may lack, has the program. */
export function has(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
