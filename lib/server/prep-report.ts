import { pastedReport } from '#lib/prep/paste.ts'
import { prepTitles, type PrepSystem } from '#lib/prep/prep.ts'
import { checkerOf, reportLimit, reportSchema, type PrepReport } from '#lib/prep/report.ts'
import type { PrepState } from '#lib/prep/state.ts'
import type { Actor } from './actor.ts'
import { recordAudit } from './audit.ts'
import { parseBody, readJson, readText, typeOf } from './body.ts'
import { db, type Tx } from './db.ts'
import { machineOf, requireNeed, type Machine } from './prep-machines.ts'
import { stateOf } from './prep-state.ts'
import { invalid } from './refusal.ts'

/** Takes a report of the machine behind a backend from a person or a program. */
export async function reportOnBackend(farm: string, name: string, request: Request, actor: Actor): Promise<PrepState> {
  const machine = await machineOf(farm, name)
  requireNeed(machine)
  const report = await readReport(request)
  requireSame(report, machine, machine.chosen)
  const received = { report, at: new Date(), by: actor.name }
  await db().$transaction((tx) => saveReport(tx, machine.address, received, `${farm}/${name}`))
  return stateOf({ ...machine, received }, name)
}

/** Reads a report: as JSON, or as plain text with whatever else was copied from the terminal. */
export async function readReport(request: Request): Promise<PrepReport> {
  if (typeOf(request) !== 'text/plain') return parseBody(await readJson(request, reportLimit), reportSchema)
  const pasted = pastedReport(await readText(request, reportLimit))
  if ('problem' in pasted) throw invalid([pasted.problem])
  return parseBody(pasted.report, reportSchema)
}

/** Refuses the report of another machine, one of another script than that of `system` (null takes any), and one that is older than that which is here. */
export function requireSame(report: PrepReport, { address, received }: Machine, system: PrepSystem | null): void {
  const problems = []
  if (report.backend !== address) {
    problems.push({ pointer: '/backend', code: 'report-other-backend', message: `This report is of ${report.backend}, and this backend is ${address}.`, hint: 'Take it to the backend that it is of, or run the script of this one on its machine.' })
  }
  if (system !== null && report.system !== checkerOf(system)) {
    problems.push({ pointer: '/system', code: 'report-other-system', message: `This report is of the script for ${prepTitles[report.system]}, and ${prepTitles[system]} was chosen for this machine.`, hint: checkHint(system) })
  }
  if (received && isOlder(report, received)) {
    problems.push({ pointer: '/checkedAt', code: 'report-older', message: `This report is of ${report.checkedAt}, and a newer one of ${received.report.checkedAt} is here.`, hint: 'Run the check again and hand in what it prints now.' })
  }
  if (problems.length > 0) throw invalid(problems)
}

/** Both times are of the backend's clock. One that was ahead of ours, by more than a minute, says nothing: it has been set since. */
function isOlder(report: PrepReport, { report: present, at }: NonNullable<Machine['received']>): boolean {
  const [then, now] = [Date.parse(present.checkedAt), Date.parse(report.checkedAt)]
  return now < then && then <= at.getTime() + 60_000
}

function checkHint(system: PrepSystem): string {
  const checker = checkerOf(system)
  return checker ? `Check it with the script for ${prepTitles[checker]}, or choose the system that the machine has.` : `A machine that was prepared with ${prepTitles[system]} cannot report; choose the system that the machine has.`
}

/** Keeps a report as the last one of its machine. `target`: the backend that it was handed in for. */
export async function saveReport(tx: Tx, address: string, { report, at, by }: NonNullable<Machine['received']>, target: string): Promise<void> {
  const columns = { report: JSON.stringify(report), receivedAt: at, by }
  await tx.prepMachine.upsert({ where: { address }, create: { address, ...columns }, update: columns })
  const failed = report.items.filter(({ verdict }) => verdict === 'fail').length
  await recordAudit(tx, { name: by }, { action: 'prep.report', target, generation: null, before: null, after: { address, system: report.system, checks: report.items.length, failed } })
}
