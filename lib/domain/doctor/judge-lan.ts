import type { Farm } from '../farm.ts'
import { filled, type Values } from './case.ts'
import type { DoctorEvidence, Heard } from './evidence.ts'
import { findingKinds, type FindingCode } from './findings.ts'
import { isOf } from './judge-vip.ts'
import type { DoctorFinding } from './run.ts'

/** How long the words of a stranger count, in ms. */
const recentMs = 600_000

/** How many machines have a finding of their own: one that makes up addresses must not bury the others. */
const mostMachines = 10

/** Who speaks in the name of a VIP and is none of the backends that the farm may forgive it: in mode dsr those have rows of their own. */
export function judgeLan(farm: Farm, { heard, backends, at: end, interface: iface }: DoctorEvidence): DoctorFinding[] {
  const hasRow = (one: Heard): boolean => farm.mode === 'dsr' && (backends.some((seen) => isOf(seen, one.mac)) || one.backend?.farm === farm.name)
  const others = heard.filter((one) => Date.parse(end) - Date.parse(one.at) < recentMs && !hasRow(one))
  const machines = [...new Set(others.map(({ mac }) => mac))]
  return machines.slice(0, mostMachines).map((mac, index) => {
    const said = others.filter((one) => one.mac === mac)
    const vips = [...new Set(said.map(({ vip }) => vip))].join(', ')
    const own = said[0]?.own ?? null
    const known = said.find(({ backend }) => backend)?.backend
    const who = own === null ? `${mac}${known ? `, which is backend ${known.name} of farm ${known.farm},` : ''}` : `${own} of the appliance`
    const did = said.some(({ what }) => what === 'answer') ? `answers questions for the MAC address of ${vips}` : `asks for other machines in the name of ${vips}`
    const hidden = index === mostMachines - 1 ? machines.length - mostMachines : 0
    const more = hidden === 0 ? '' : ` ${hidden} more machines do so too.`
    return finding(own === null ? 'vip-stranger' : 'vip-own-card', `${who} ${did}.${more}`, { mac, vip: vips, other: own ?? '', interface: iface?.name ?? 'the interface' })
  })
}

function finding(code: FindingCode, evidence: string, values: Values): DoctorFinding {
  const { severity, title, causes } = findingKinds[code]
  return { code, severity, title, evidence, causes: causes.map(({ cause, fix }) => ({ cause: filled(cause, values), fix: filled(fix, values) })), next: null }
}
