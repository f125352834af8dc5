import { needsMac } from '../farm.ts'
import { cell, failedItems, findingOf, isAbout, itemsOf, listed, type Case, type Judgement } from './case.ts'
import { findingKinds, type FindingCode } from './findings.ts'
import type { DoctorFinding } from './run.ts'

/** Check kernel: whether the rules in the kernel send to the backend. */
export function judgeKernel(one: Case): Judgement {
  const { seen, farm, backend } = one
  const target = needsMac(farm.mode) ? (seen.mac ?? 'its MAC address') : backend.address
  if (backend.adminState === 'disabled') return { cells: [cell('kernel', 'skipped', 'It is disabled, so it gets no traffic.')], findings: [] }
  if (!seen.kernel.serves) return { cells: [cell('kernel', 'skipped', 'It is not in use for new clients now, so it needs no rule.')], findings: [] }
  if (seen.kernel.found === null) return { cells: [cell('kernel', 'unknown', 'The rules in the kernel could not be read.')], findings: [] }
  if (seen.kernel.found) return { cells: [cell('kernel', 'ok', `The rules send to ${target}.`)], findings: [] }
  const finding = findingOf(one, 'not-in-rules', `It is in use, and ${target} is not in the rules of farm ${farm.name} in the kernel.`)
  return { cells: [cell('kernel', 'fail', finding.evidence)], findings: [finding] }
}

/** Check preparation; what its last check found and no other finding (`codes`) accounts for is a finding of its own. */
export function judgePreparation(one: Case, codes: readonly string[]): Judgement {
  const { preparation, farm } = one
  const of = (verdict: 'ok' | 'warn' | 'fail' | 'unknown' | 'skipped', text: string): Judgement => ({ cells: [cell('preparation', verdict, text)], findings: [] })
  if (farm.mode !== 'dsr' || preparation?.status === 'not-needed') return of('skipped', preparation?.reason ?? `Mode ${farm.mode} needs no preparation.`)
  if (!preparation) return of('unknown', 'Nothing is known of its preparation.')
  if (preparation.status === 'never-checked' || preparation.receivedAt === null) return of('unknown', 'Its preparation was never checked. Run its script with --check --json and paste the output under "Prepare backends".')
  const when = `The check of ${preparation.receivedAt}`
  if (preparation.status === 'stale') return of('warn', `${when} is out of date: ${preparation.changes.join(' ')} Run the script again.`)
  const failed = preparation.items.filter((item) => item.verdict === 'fail' && isAbout(farm, item))
  if (failed.length === 0 && preparation.status === 'open') return of('warn', `${when} passed, with open points: ${preparation.open.slice(0, 3).join(' ')}`)
  if (failed.length === 0) return of('ok', `${when} passed${preparation.status === 'failed' ? ' for this farm' : ''}.`)
  const explained = failedItems(one).length > 0 ? codes.flatMap((code) => (code in findingKinds ? itemsOf(one, code as FindingCode) : [])) : []
  const open = failed.filter(({ code }) => !explained.includes(code))
  const text = `${when} failed: ${failed.slice(0, 3).map((item) => item.text).join(' ')}${failed.length > 3 ? ` And ${failed.length - 3} more.` : ''}`
  return { cells: [cell('preparation', 'fail', text)], findings: open.length > 0 ? [finding(open, when)] : [] }
}

function finding(items: ReturnType<typeof failedItems>, when: string): DoctorFinding {
  const { severity, title } = findingKinds['preparation-failed']
  const causes = items.map((item) => ({ cause: item.text, fix: item.fix ?? 'Run its preparation script again with --apply.' }))
  return { code: 'preparation-failed', severity, title, evidence: `${when} failed at ${listed(items.map(({ subject, code }) => `${code} (${subject})`))}.`, causes, next: causes.length < 2 ? null : 'Each of them is wrong: mend them all, then run the check again and paste its output.' }
}
