import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { has } from '../setup/exec.mjs'
import { isRoot } from '../setup/project.mjs'
import { removeNamespaces } from '../run/namespaces.mjs'

/** What a run of the tests leaves on the machine carries its mark: processes in their environment, namespaces in their name. */
export const markVariable = 'TANGENT_TEST_RUN'

/**
 * Ends every process and removes every namespace and file of this run; safe to call twice.
 * @param {{ mark: string, prefix: string, folder: string }} run
 */
export function cleanUp({ mark, prefix, folder }) {
  if (isRoot && has('ip')) removeNamespaces(prefix)
  // More than one round: what is ended last may just have started another process.
  for (let round = 0; round < 5 && endMarked(mark) > 0; round += 1);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

function endMarked(mark) {
  const wanted = `${markVariable}=${mark}`
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids.filter((pid) => environmentOf(pid).includes(wanted) && end(Number(pid))).length
}

function environmentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}
