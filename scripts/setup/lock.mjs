import { accessSync, chownSync, constants, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { owner, root } from './project.mjs'
import { say, Stop } from './say.mjs'

const folder = join(root, 'dist')
const file = join(folder, 'set-up.pid')

/** Runs `work` while no other command of this clone sets up; a lock whose process is gone is taken over. */
export async function alone(work) {
  try {
    if (mkdirSync(folder, { recursive: true })) chownSync(folder, owner.uid, owner.gid)
    accessSync(folder, constants.W_OK)
  } catch {
    throw new Stop(`There is set-up to do, and you may not write to ${root}. Run the same command as its owner, or with sudo.`)
  }
  for (let told = false; !take(); await wait(500)) {
    if (!told) say('Another command is setting up this clone; waiting for it …')
    told = true
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** A link appears whole: nobody ever reads a lock without its number. */
function take() {
  const own = `${file}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isAlive(holder())) rmSync(file, { force: true })
    return false
  } finally {
    rmSync(own, { force: true })
  }
}

function holder() {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}

function isAlive(pid) {
  if (!pid) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
