import { severities } from '../fault.ts'
import type { Backend, Farm } from '../farm.ts'
import type { Case, Judgement } from './case.ts'
import { doctorCheckNames } from './checks.ts'
import type { BackendEvidence, DoctorEvidence, PreparationKnown } from './evidence.ts'
import { judgeLan } from './judge-lan.ts'
import { judgePlace } from './judge-place.ts'
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
  const judged = [judgePlace(one), judgeService(one), judgeVip(one), judgeKernel(one)]
  const parts: Judgement[] = [...judged, judgePreparation(one, judged.flatMap(({ findings }) => findings.map(({ code }) => code)))]
  // What stayed open may be for a reason that is the appliance's own.
  const why = one.evidence.obstacles.length > 0 ? ` ${one.evidence.obstacles.join(' ')}` : ''
  const cells = parts.flatMap((part) => part.cells.map((cell) => (cell.verdict === 'unknown' && cell.check !== 'preparation' ? { ...cell, evidence: `${cell.evidence}${why}` } : cell))).sort((a, b) => doctorCheckNames.indexOf(a.check) - doctorCheckNames.indexOf(b.check))
  return { backend: one.backend.name, address: one.backend.address, mac: macOf(one.backend, one.seen), cells, findings: parts.flatMap(({ findings }) => findings).sort(byGravity) }
}

function macOf(backend: Backend, seen: BackendEvidence): string | null {
  return seen.mac ?? seen.macs?.[0] ?? backend.mac
}

function byGravity(a: DoctorFinding, b: DoctorFinding): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity)
}
