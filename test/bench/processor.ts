import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** Milliseconds of processor time that a process and the programs that it ran have used (proc(5), stat). */
export function cpuOf(pid: number): { self: number; programs: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  const ms = (...at: number[]): number => at.reduce((sum, index) => sum + Number(fields[index]), 0) * (1000 / ticksPerSecond)
  return { self: ms(11, 12), programs: ms(13, 14) }
}

/** Milliseconds for which the main thread of a process was ready to run and did not get a processor (Documentation/scheduler/sched-stats.rst). */
export function waitedOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1_000_000
}
