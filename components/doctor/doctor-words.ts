import { severities } from '#lib/domain/fault.ts'
import type { DoctorFarm, DoctorFinding, DoctorRow, DoctorRun } from '#lib/domain/doctor/run.ts'

type Scope = DoctorRun['scope']

function countOf(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

export function farmCount(count: number): string {
  return countOf(count, 'farm', 'farms')
}

export function findingCount(count: number): string {
  return count === 0 ? 'no finding' : countOf(count, 'finding', 'findings')
}

/** What a run looks at: "everything", "web", "web / web1". */
export function scopeText({ farm, backend }: Scope): string {
  if (farm === null) return 'everything'
  return backend === null ? farm : `${farm} / ${backend}`
}

/** A text as the start of a sentence; names of farms keep their first letter. */
export function scopeTitle(scope: Scope): string {
  return scope.farm === null ? 'Everything' : scopeText(scope)
}

export function sameScope(a: Scope, b: Scope): boolean {
  return a.farm === b.farm && a.backend === b.backend
}

/** The result of a run in one sentence; `troubled`: farms that could not be examined. */
export function summaryText({ backends, healthy, findings }: DoctorRun['counts'], troubled = 0): string {
  const missed = troubled === 0 ? '' : `; ${farmCount(troubled)} could not be examined`
  if (backends === 0 && findings === 0) return `No backend was examined${missed}`
  const fine = backends === healthy ? (backends === 1 ? 'The backend is without a finding' : `All ${backends.toLocaleString('en')} backends are without a finding`) : `${healthy.toLocaleString('en')} of ${countOf(backends, 'backend', 'backends')} without a finding`
  return `${fine}${findings === 0 ? '' : `; ${findingCount(findings)}`}${missed}`
}

/** How long something took, from one moment to another: "34 s", "2 min 5 s", "1 h 3 min". */
export function durationText(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** A finding with the place that it was made at; `row` is null for machines that are no backends of the farm. */
export type PlacedFinding = { finding: DoctorFinding; farm: string; row: DoctorRow | null }

/** The findings of these farms, the worst first, else in the order of the farms. */
export function findingsOf(farms: readonly DoctorFarm[]): PlacedFinding[] {
  const all = farms.flatMap(({ farm, rows, lan }): PlacedFinding[] => [
    ...rows.flatMap((row) => row.findings.map((finding) => ({ finding, farm, row }))),
    ...lan.map((finding) => ({ finding, farm, row: null })),
  ])
  return all.sort((a, b) => severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity))
}

/** Whether a farm is to be looked at: something was found, or it could not be examined. */
export function needsLook({ trouble, rows, lan }: DoctorFarm): boolean {
  return trouble !== null || lan.length > 0 || rows.some(({ findings }) => findings.length > 0)
}

/** A farm's result in a few words. */
export function farmResultText({ trouble, rows, lan }: DoctorFarm): string {
  if (trouble !== null) return 'Could not be examined'
  const findings = rows.reduce((sum, row) => sum + row.findings.length, lan.length)
  const backends = rows.length
  return summaryText({ backends, healthy: rows.filter((row) => row.findings.length === 0).length, findings })
}

/** Whether a backend is one that a script prepares. */
export function needsPreparation({ cells }: DoctorRow): boolean {
  return cells.some(({ check, verdict }) => check === 'preparation' && verdict !== 'skipped')
}
