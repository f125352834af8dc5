import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './project.mjs'

const skipped = new Set(['node_modules', 'generated', '.next', 'dist'])

/** A hash of the named files and folders (relative to the project, those that exist) and of this Node. */
export function hashOf(paths) {
  const hash = createHash('sha256').update(`${process.versions.modules} ${process.arch}`)
  for (const path of paths.flatMap((each) => filesIn(each))) hash.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

function filesIn(path) {
  const full = join(root, path)
  if (!existsSync(full)) return []
  if (!statSync(full).isDirectory()) return [path]
  return readdirSync(full).sort().filter((name) => !skipped.has(name)).flatMap((name) => filesIn(`${path}/${name}`))
}

/** True when `file` says that the work was done for these inputs and its results are still there. */
export function isDone(file, hash, results) {
  const full = join(root, file)
  return existsSync(full) && readFileSync(full, 'utf8') === hash && results.every((path) => existsSync(join(root, path)))
}

export function markDone(file, hash) {
  const full = join(root, file)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, hash)
}
