import { z } from 'zod'
import { parseAddress } from '../domain/address.ts'
import { verdicts } from './finding.ts'
import type { PrepSystem } from './prep.ts'

/** The scripts whose check prints a report; a machine that was prepared in another way on Linux is checked with the Linux script. */
export const reportSystems = ['linux', 'linux-redirect', 'windows-powershell'] as const
export type ReportSystem = (typeof reportSystems)[number]

const checkers: Record<PrepSystem, ReportSystem | null> = {
  'linux': 'linux',
  'linux-redirect': 'linux-redirect',
  'windows-powershell': 'windows-powershell',
  // It works on adapters that somebody named, which the PowerShell script does not know.
  'windows-cmd': null,
  'ansible': 'linux',
  'cloud-init': 'linux',
  'netplan': 'linux',
  'networkd': 'linux',
  'networkmanager': 'linux',
  'ifupdown': 'linux',
  'freebsd': null,
  'container': 'linux',
}

/** The script whose check tells whether a machine that was prepared in this way is right; null when none can report. */
export function checkerOf(system: PrepSystem): ReportSystem | null {
  return checkers[system]
}

/** Bytes of the largest report that is taken: that of a machine in 1,000 farms has 270,000. */
export const reportLimit = 512 * 1024

/** The alphabet to which the scripts reduce what a machine says of itself: whatever stands in a fix that people copy, it can be no command of its own. */
const plain = z.string().max(2100).regex(/^[A-Za-z0-9 ._:@/,-]*$/, 'Only letters, digits, spaces and ._:@/,- are allowed.')
const address = z.string().refine((text) => canonical(text) === text, 'This is no address in its canonical form.')
const service = z.string().max(2000).regex(/^[0-9a-f.:]+\/(tcp|udp|sctp)\/(any|[0-9,-]+)$/, 'This is no service: 10.9.0.100/tcp/80.')

/** What `--check --json` prints. It comes from a backend, so every string is bounded and plain. */
export const reportSchema = z
  .strictObject({
    format: z.literal('tangent-backend-check'),
    version: z.literal(1),
    system: z.enum(reportSystems),
    backend: address,
    checkedAt: z.iso.datetime().describe("By the backend's own clock."),
    vips: z.array(address).max(2048),
    services: z.array(service).max(4096),
    items: z
      .array(z.strictObject({ code: z.string().regex(/^[a-z0-9-]{1,40}$/), subject: plain, verdict: z.enum(verdicts), found: plain }))
      .min(1)
      .max(8192),
  })
  .meta({ id: 'PrepReport' })

export type PrepReport = z.output<typeof reportSchema>

/** What a machine serves, in a report or by the farms of now. */
type Served = { vips: readonly string[]; services: readonly string[] }

/** What changed since the machine was checked, a sentence each: VIPs and services that came or went. Empty: the report still stands. */
export function changedSince(report: Served, now: Served): string[] {
  const vips = difference(report.vips, now.vips)
  const ofOld = new Set([...vips.added, ...vips.removed])
  // A VIP that came or went says it for its services too.
  const services = difference(report.services, now.services)
  const own = (text: string): boolean => !ofOld.has(text.slice(0, text.indexOf('/')))
  return [
    ...vips.added.map((vip) => `VIP ${vip} was added.`),
    ...vips.removed.map((vip) => `VIP ${vip} was removed.`),
    ...services.added.filter(own).map((text) => `Service ${text} was added.`),
    ...services.removed.filter(own).map((text) => `Service ${text} was removed.`),
  ]
}

function difference(before: readonly string[], after: readonly string[]): { added: string[]; removed: string[] } {
  const [old, now] = [new Set(before), new Set(after)]
  return { added: after.filter((text) => !old.has(text)), removed: before.filter((text) => !now.has(text)) }
}

function canonical(text: string): string | null {
  const parsed = parseAddress(text)
  return 'code' in parsed ? null : parsed.address
}
