import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Proportional set size of a process in MB (proc(5), smaps_rollup). */
export function memoryOf(pid: number): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  return Number(match?.[1] ?? Number.NaN) / 1024
}

/** The process with this command line among another and its descendants; null when there is none. */
export function descendant(pid: number, name: RegExp): number | null {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
  const rows = table.flatMap((row) => (row ? [{ pid: Number(row[1]), parent: Number(row[2]), args: row[3] ?? '' }] : []))
  const family = new Set([pid])
  for (let size = 0; size !== family.size; ) {
    size = family.size
    for (const row of rows) if (family.has(row.parent)) family.add(row.pid)
  }
  return rows.find((row) => family.has(row.pid) && name.test(row.args))?.pid ?? null
}
