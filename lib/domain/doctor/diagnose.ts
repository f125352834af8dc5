import { severities } from '../fault.ts'
import type { Backend, Farm } from '../farm.ts'
import { filled, type Case, type Judgement } from './case.ts'
import { doctorCheckNames } from './checks.ts'
import type { BackendEvidence, DoctorEvidence, Heard, PreparationKnown } from './evidence.ts'
import { findingKinds } from './findings.ts'
import { judgePlace } from './judge-place.ts'
import { judgeService } from './judge-service.ts'
import { judgeKernel, judgePreparation } from './judge-upkeep.ts'
import { isOf, judgeVip } from './judge-vip.ts'
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
  return { ...base, rows, lan: strangers(farm, evidence) }
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

/** How long the words of a stranger count, in ms. */
const recentMs = 600_000

/** Who speaks in the name of a VIP and is none of the backends that the farm may forgive it: in mode dsr those have rows of their own. */
function strangers(farm: Farm, { heard, backends, at: end }: DoctorEvidence): DoctorFinding[] {
  const own = (one: Heard): boolean => backends.some((seen) => isOf(seen, one.mac)) || one.backend?.farm === farm.name
  const recent = (at: string): boolean => Date.parse(end) - Date.parse(at) < recentMs
  const others = heard.filter((one) => recent(one.at) && (farm.mode !== 'dsr' || !own(one)))
  return [...new Set(others.map(({ mac }) => mac))].map((mac) => {
    const said = others.filter((one) => one.mac === mac)
    const vips = [...new Set(said.map(({ vip }) => vip))].join(', ')
    const known = said.find(({ backend }) => backend)?.backend
    const who = `${mac}${known ? `, which is backend ${known.name} of farm ${known.farm},` : ''}`
    const did = said.some(({ what }) => what === 'answer') ? `answers questions for the MAC address of ${vips}` : `asks for other machines in the name of ${vips}`
    const { severity, title, causes } = findingKinds['vip-stranger']
    return { code: 'vip-stranger', severity, title, evidence: `${who} ${did}.`, causes: causes.map(({ cause, fix }) => ({ cause: filled(cause, { mac, vip: vips }), fix: filled(fix, { mac, vip: vips }) })), next: null }
  })
}

function byGravity(a: DoctorFinding, b: DoctorFinding): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity)
}
