import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder, wherever it was cloned to. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

export const isRoot = process.getuid?.() === 0

/** Who owns the clone: with sudo, set-up and console run as this user, so that no file of root is left in the folder of another. */
export const owner = (() => {
  const { uid, gid } = statSync(root)
  return { uid, gid }
})()

/** True when this is root in a clone that belongs to somebody else. */
export const actsForOwner = isRoot && owner.uid !== 0
