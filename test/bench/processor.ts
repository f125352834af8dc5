import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** Milliseconds of processor time that a process and the programs that it ran have used (proc(5), stat). */
export function cpuOf(pid: number): { self: number; programs: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  const ms = (...at: number[]): number => at.reduce((sum, index) => sum + Number(fields[index]), 0) * (1000 / ticksPerSecond)
  return { self: ms(11, 12), programs: ms(13, 14) }
}
