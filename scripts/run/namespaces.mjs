import { execFileSync } from 'node:child_process'

/**
 * Names of the network namespaces that begin with the prefix.
 * @param {string} prefix
 * @returns {string[]}
 */
export function namespacesWith(prefix) {
  const list = JSON.parse(execFileSync('ip', ['-j', 'netns', 'list'], { encoding: 'utf8' }) || '[]')
  return list.map((entry) => entry.name).filter((name) => name.startsWith(prefix))
}

/**
 * Ends every process in the namespaces with this prefix, then removes them. The prefix must be longer than two characters.
 * @param {string} prefix
 */
export function removeNamespaces(prefix) {
  if (prefix.length < 3) throw new Error(`"${prefix}" is too short a prefix to remove namespaces by.`)
  for (const name of namespacesWith(prefix)) {
    for (const pid of execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).split('\n').filter(Boolean)) kill(Number(pid))
    execFileSync('ip', ['netns', 'delete', name])
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
