import { expect } from 'vitest'
import { explain, type CheckItem } from '#lib/prep/finding.ts'
import { linuxFindings } from '#lib/prep/linux/findings.ts'
import { reportSchema, type PrepReport } from '#lib/prep/report.ts'
import type { PrepMachine } from './prep-machine.ts'
import type { RunOptions } from './prep-run.ts'

/** `wrong`: what is not ok, as `fail arp-ignore eth0 0`; not whether the machine is prepared after a reboot, which depends on where the lab runs. */
export type Reported = { status: number; report: PrepReport; wrong: string[] }

/** Runs the check and reads its report, which has an item on each line. */
export async function report(machine: PrepMachine, text: string, options: RunOptions = {}): Promise<Reported> {
  const { status, output, errors } = await machine.run(text, ['--check', '--json'], options)
  expect(errors).toBe('')
  const made = reportSchema.parse(JSON.parse(output))
  expect(output.split('\n').filter((line) => line.startsWith('{"code"')).map((line) => JSON.parse(line.replace(/,$/, '')))).toEqual(made.items)
  expect(status).toBe(made.items.some(({ verdict }) => verdict === 'fail') ? 1 : 0)
  const wrong = made.items.filter(({ code, verdict }) => verdict !== 'ok' && code !== 'persistence' && code !== 'namespace')
  return { status, report: made, wrong: wrong.map(({ verdict, code, subject, found }) => `${verdict} ${code} ${subject} ${found}`.trim()) }
}

/** Runs the check in its text form as well, which must say the same, in the words of the console. */
export async function check(machine: PrepMachine, text: string, options: RunOptions = {}): Promise<Reported & { text: string }> {
  const reported = await report(machine, text, options)
  expect(await machine.run(text, ['--check'], options)).toEqual({ status: reported.status, output: reported.report.items.map(printed).join(''), errors: '' })
  return { ...reported, text: reported.report.items.map(printed).join('') }
}

const marks = { ok: 'ok    ', fail: 'FAIL  ', warn: 'note  ' } as const

function printed(item: CheckItem): string {
  const { text, fix } = explain(linuxFindings, item)
  return `${marks[item.verdict]}${text}\n${fix === null ? '' : `      fix: ${fix}\n`}`
}
