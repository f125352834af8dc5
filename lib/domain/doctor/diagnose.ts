import { severities } from '../fault.ts'
import type { Backend, Farm } from '../farm.ts'
import { cell, type Case, type Judgement } from './case.ts'
import { doctorCheckNames, type DoctorCheck } from './checks.ts'
import type { BackendEvidence, DoctorEvidence, PreparationKnown } from './evidence.ts'
import { judgeLan } from './judge-lan.ts'
import { isAbsent, judgePlace } from './judge-place.ts'
import { judgeService } from './judge-service.ts'
import { judgeKernel, judgePreparation } from './judge-upkeep.ts'
import { judgeVip } from './judge-vip.ts'
import type { DoctorFarm, DoctorFinding, DoctorRow } from './run.ts'

/**
 * What the evidence of one farm means: a row for each backend that was examined and is in the farm still. `preparation` has for each
 * backend, by its name, what the console knows; one that is not in it is unknown.
 */
export function diagnose(farm: Farm, evidence: DoctorEvidence, preparation: ReadonlyMap<string, PreparationKnown>): DoctorFarm {
  const base = { farm: farm.name, at: evidence.at, trouble: evidence.trouble }
  if (evidence.trouble !== null) return { ...base, rows: [], lan: [] }
  const rows = evidence.backends.flatMap((seen) => {
    const backend = farm.backends.find(({ name }) => name === seen.name)
    return backend ? [rowOf({ farm, backend, evidence, seen, preparation: preparation.get(seen.name) ?? null })] : []
  })
  return { ...base, rows, lan: judgeLan(farm, evidence) }
}

/** A farm that could not be examined, with the reason. */
export function unexamined(farm: string, at: string, trouble: string): DoctorFarm {
  return { farm, at, trouble, rows: [], lan: [] }
}

function rowOf(one: Case): DoctorRow {
  const base = { backend: one.backend.name, address: one.backend.address, mac: macOf(one.backend, one.seen) }
  if (one.backend.adminState !== 'disabled') return { ...base, ...judge(one) }
  if (isAbsent(one)) return { ...base, cells: doctorCheckNames.map((check) => cell(check, 'skipped', 'It is disabled, and does not answer on the network.')), findings: [] }
  return { ...base, ...softened(judge(one)) }
}

/** What hurts also while the backend is disabled: it draws the VIP to itself. */
const harm: { checks: readonly DoctorCheck[]; codes: readonly string[] } = { checks: ['leak', 'sender'], codes: ['vip-leaked', 'vip-sender'] }

/** What is wrong with a disabled backend is for information, until it is enabled. */
function softened({ cells, findings }: Judgement): Judgement {
  return {
    cells: cells.map((one) => (one.verdict === 'fail' && !harm.checks.includes(one.check) ? { ...one, verdict: 'warn' } : one)),
    findings: findings.map((one): DoctorFinding => (harm.codes.includes(one.code) ? one : { ...one, severity: 'info' })).sort(byGravity),
  }
}

function judge(one: Case): Judgement {
  const judged = [judgePlace(one), judgeService(one), judgeVip(one), judgeKernel(one)]
  const parts: Judgement[] = [...judged, judgePreparation(one, judged.flatMap(({ findings }) => findings.map(({ code }) => code)))]
  // What stayed open may be for a reason that is the appliance's own.
  const why = one.evidence.obstacles.length > 0 ? ` ${one.evidence.obstacles.join(' ')}` : ''
  const cells = parts.flatMap((part) => part.cells.map((each) => (each.verdict === 'unknown' && each.check !== 'preparation' ? { ...each, evidence: `${each.evidence}${why}` } : each))).sort((a, b) => doctorCheckNames.indexOf(a.check) - doctorCheckNames.indexOf(b.check))
  return { cells, findings: parts.flatMap(({ findings }) => findings).sort(byGravity) }
}

function macOf(backend: Backend, seen: BackendEvidence): string | null {
  return seen.mac ?? seen.macs?.[0] ?? backend.mac
}

function byGravity(a: DoctorFinding, b: DoctorFinding): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity)
}
