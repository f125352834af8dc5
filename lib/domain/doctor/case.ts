import { familyOf, type Family } from '../address.ts'
import { vipsOf, type Backend, type Farm } from '../farm.ts'
import type { DoctorCheck, DoctorVerdict } from './checks.ts'
import type { BackendEvidence, DoctorEvidence, PreparationItem, PreparationKnown } from './evidence.ts'
import { findingKinds, type Cause, type FindingCode, type FindingKind } from './findings.ts'
import type { DoctorCell, DoctorFinding } from './run.ts'

/** One backend to judge: what is wanted, what was seen, and what is known of its preparation. */
export type Case = { farm: Farm; backend: Backend; evidence: DoctorEvidence; seen: BackendEvidence; preparation: PreparationKnown | null }

/** What one look at a backend comes to. */
export type Judgement = { cells: DoctorCell[]; findings: DoctorFinding[] }

/** What a placeholder in the texts of a finding stands for. */
export type Values = Partial<Record<'vip' | 'rip' | 'mac' | 'other' | 'ports' | 'interface' | 'bytes', string>>

/** A check counts for this long, in ms: later the machine may be another. */
const freshMs = 24 * 3_600_000

const ask = { prepared: 'Run the check of its preparation script on the backend (--check --json) and paste the output under "Prepare backends": it tells which.', other: '"ss -lntup" and "nft list ruleset" on the backend tell which.' }

export function cell(check: DoctorCheck, verdict: DoctorVerdict, evidence: string): DoctorCell {
  return { check, verdict, evidence }
}

export function familyOfCase({ backend }: Case): Family {
  return familyOf(backend.address)
}

/** The items of the last check that failed, about this farm, unless its farms changed since or it is a day old. */
export function failedItems({ farm, preparation, evidence }: Case): PreparationItem[] {
  if (farm.mode !== 'dsr' || preparation?.status !== 'failed' || preparation.receivedAt === null) return []
  if (!isFresh(preparation.receivedAt, evidence)) return []
  return preparation.items.filter((item) => item.verdict === 'fail' && isAbout(farm, item))
}

/** True for a check that is not older than a day. */
export function isFresh(receivedAt: string, { at }: DoctorEvidence): boolean {
  return Date.parse(at) - Date.parse(receivedAt) <= freshMs
}

/** A machine may serve other farms, whose VIPs its check looks at as well. */
export function isAbout(farm: Farm, { code, subject }: PreparationItem): boolean {
  if (!/^(vip-|listener|firewall|redirect-rule)/.test(code)) return true
  const [address = ''] = subject.split('/')
  return !/^[0-9a-f.:]{3,}$/.test(address) || vipsOf(farm).includes(address)
}

/** A finding of a registered kind about a backend. A cause that its last check proves stands alone, with the fix of that check. */
export function findingOf(one: Case, code: FindingCode, evidence: string, values: Values = {}): DoctorFinding {
  const kind: FindingKind = findingKinds[code]
  const { severity, title, next } = kind
  const all = { rip: one.backend.address, vip: one.farm.vip, interface: one.evidence.interface?.name ?? 'the interface', mac: one.seen.mac ?? 'its MAC address', ...values }
  const possible = causesOf(one, code)
  const failed = failedItems(one)
  const proven = possible.flatMap((cause) => {
    const item = failed.find((each) => cause.items?.includes(each.code))
    return item ? [{ cause: `${filled(cause.cause, all)} Its last check says: ${item.text}`, fix: item.fix ?? filled(cause.fix, all) }] : []
  })
  const causes = proven.length > 0 ? proven : possible.map(({ cause, fix }) => ({ cause: filled(cause, all), fix: filled(fix, all) }))
  const checked = one.farm.mode === 'dsr' && possible.some(({ items }) => items !== undefined)
  return { code, severity, title, evidence, causes, next: causes.length < 2 ? null : (next ?? (checked ? ask.prepared : ask.other)) }
}

/** The codes of a check's items that a kind of finding accounts for. */
export function itemsOf(one: Case, code: FindingCode): readonly string[] {
  return causesOf(one, code).flatMap(({ items = [] }) => items)
}

function causesOf(one: Case, code: FindingCode): Cause[] {
  const { causes }: FindingKind = findingKinds[code]
  return causes.filter(({ only }) => only === undefined || only === familyOfCase(one))
}

/** In one pass and by a function, so that nothing in a value is read as a placeholder or a pattern. */
export function filled(text: string, values: Values): string {
  return text.replace(/\{(vip|rip|mac|other|ports|interface|bytes)\}/g, (_, name: keyof Values) => values[name] ?? '')
}

/** `a`, `a and b`, `a, b and c`; each once. */
export function listed(texts: readonly string[]): string {
  const unique = [...new Set(texts)]
  return unique.length < 2 ? unique.join('') : `${unique.slice(0, -1).join(', ')} and ${unique.at(-1)}`
}
