import { parseAddress } from '../domain/address.ts'
import type { CheckItem } from './finding.ts'
import type { PrepReport, ReportSystem } from './report.ts'

/**
 * What a check must have looked at. `codes`: the one that must be ok, then others that say as much. `subject`: an address, a service, or
 * null for whatever it is about.
 */
type Demand = { codes: readonly [string, ...string[]]; subject: string | null }

/** Before a machine counts as verified: what its report does not speak of, and what it could not call right. */
export type OpenPoints = { missing: string[]; unsure: CheckItem[] }

/** The open points of a report. It comes from a backend, so that what it leaves out counts as much as what it says. */
export function openPoints(report: PrepReport): OpenPoints {
  const demands = demandsOf(report)
  const seen = new Set(report.items.flatMap(({ code, subject }) => [code, ...partsOf(subject).map((part) => `${code} ${part}`)]))
  const unmet = demands.filter(({ codes, subject }) => !(subject === null ? codes.some((code) => seen.has(code)) : partsOf(subject).every((part) => codes.some((code) => seen.has(`${code} ${part}`)))))
  const needed = new Set(demands.map(({ codes }) => codes[0]))
  return {
    missing: unmet.map(({ codes: [code], subject }) => `The check says nothing of ${subject === null ? '' : `${subject}: `}${code}.`),
    unsure: report.items.filter(({ code, verdict }) => verdict === 'warn' && needed.has(code)),
  }
}

function demandsOf({ system, backend, vips, services }: PrepReport): Demand[] {
  const every = (codes: Demand['codes'], subjects: readonly string[]): Demand[] => subjects.map((subject) => ({ codes, subject }))
  const own: Record<ReportSystem, Demand[]> = {
    'linux': [...every(['vip-on-lo'], vips), ...(isIpv4(backend) ? [anywhere('arp-ignore'), anywhere('arp-announce')] : []), anywhere('persistence', 'namespace')],
    'linux-redirect': [...every(['redirect-rule'], services), anywhere('persistence', 'namespace')],
    'windows-powershell': [anywhere('adapter'), anywhere('weak-host-receive'), anywhere('weak-host-send'), ...every(['vip-on-loopback'], vips), ...every(['persistence'], vips)],
  }
  return [...every(['address'], [backend]), ...own[system], ...every(['listener', 'listener-every-address'], services), ...every(['firewall'], services)]
}

function anywhere(...codes: Demand['codes']): Demand {
  return { codes, subject: null }
}

/** A service by each of its ports, because a check speaks together of those that fare alike; anything else as it is. */
function partsOf(subject: string): string[] {
  const [vip, protocol, ports] = subject.split('/')
  return ports === undefined ? [subject] : ports.split(',').map((port) => `${vip}/${protocol}/${port}`)
}

function isIpv4(address: string): boolean {
  const parsed = parseAddress(address)
  return !('code' in parsed) && parsed.family === 'ipv4'
}
