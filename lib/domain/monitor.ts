import { z } from 'zod'

export const probeTypes = ['tcp', 'http', 'https', 'dns', 'udp', 'icmp', 'arp'] as const
export type ProbeType = (typeof probeTypes)[number]

export const dnsRecordTypes = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const

/** Which verdicts decide: the backend's own address, the VIP through the backend, or both. Only mode dsr has the verdict `vip`. */
export const monitorPaths = ['both', 'rip', 'vip'] as const

/** Why a probe failed, as far as the sender can see it. `not-possible`: it could not be sent, which says nothing about the backend. */
export const probeReasons = ['timeout', 'refused', 'unreachable', 'closed', 'wrong-status', 'wrong-body', 'wrong-answer', 'tls', 'protocol', 'forwarded', 'not-possible'] as const
export type ProbeReason = (typeof probeReasons)[number]

const seconds = (least: number, most: number) => z.number('Seconds are a number.').min(least, `At least ${least} seconds.`).max(most, `At most ${most} seconds.`)
const count = z.int('This is a whole number.').min(1, 'At least 1.').max(20, 'At most 20.')
const port = z.int('A port is a whole number from 1 to 65535.').min(1, 'A port is 1 or more.').max(65535, 'A port is 65535 or less.')
/** Printable ASCII without a line end: it becomes part of a request. */
const line = (most: number) => z.string().max(most, `At most ${most} characters.`).regex(/^[\x20-\x7e]*$/, 'Only printable ASCII without line ends.')
/** What may be left out: an empty text stands for none. */
const orNone = (text: z.ZodString) => text.nullable().overwrite((value) => value || null).default(null)

/** A status or a range of them that runs upwards. */
const statusRange = z.string().superRefine((value, ctx) => {
  const match = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(value)
  if (match && Number(match[1]) <= Number(match[2] ?? match[1])) return
  ctx.addIssue({ code: 'custom', message: `"${value.slice(0, 20)}" is neither a status nor a range of them.`, params: { code: 'status-invalid', hint: 'Write 200 or 200-399; statuses are 100 to 599 and a range runs upwards.' } })
})

const common = {
  paths: z.enum(monitorPaths).default('both').describe('Whose answer counts: of the own address (rip), of the VIP through the backend (vip), or of both. Left out, it is both in mode dsr and rip elsewhere and for type arp.'),
  interval: seconds(0.5, 3600).default(2).describe('Seconds between two probes.'),
  timeout: seconds(0.1, 60).default(1).describe('Seconds without an answer after which a probe has failed.'),
  rise: count.default(2).describe('Successes in a row that make a backend healthy.'),
  fall: count.default(3).describe('Failures in a row that make a backend unhealthy.'),
}
const portOf = port.nullable().default(null).describe('null: the first port of the farm.')
const http = {
  port: portOf,
  path: line(1000).regex(/^\/[^ ]*$/, 'A path begins with / and has no space.').default('/'),
  host: orNone(line(255).regex(/^[A-Za-z0-9.:[\]-]*$/, 'This is no host name.')).describe('Host header; null: the address that is asked.'),
  statuses: z.array(statusRange).min(1, 'At least one status.').max(20, 'At most 20 of them.').default(['200-399']),
  body: orNone(z.string().max(1000, 'At most 1000 characters.')).describe('Text that the first 64 KiB of the answer must hold; null: any.'),
}

/** A configured health check. Every kind is typed: no monitor runs a command. */
export const monitorSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('tcp'), ...common, port: portOf }),
    z.strictObject({ type: z.literal('http'), ...common, ...http }),
    z.strictObject({ type: z.literal('https'), ...common, ...http, verify: z.boolean().default(false).describe('Whether the certificate must be valid for the host.') }),
    z.strictObject({ type: z.literal('dns'), ...common, port: portOf, name: line(253).regex(/^[A-Za-z0-9._-]+$/, 'This is no domain name.'), record: z.enum(dnsRecordTypes).default('A'), answer: orNone(line(255)).describe('Text that one record must hold; null: any answer without an error.') }),
    z.strictObject({ type: z.literal('udp'), ...common, port: portOf, send: line(1000), expect: orNone(line(1000)).describe('Text that the answer must hold; null: any answer.') }),
    z.strictObject({ type: z.literal('icmp'), ...common }),
    z.strictObject({ type: z.literal('arp'), ...common }),
  ])
  .meta({ id: 'Monitor' })

export type Monitor = z.output<typeof monitorSchema>

export type MonitorInput = z.input<typeof monitorSchema>

/** The monitor of a farm that names none: a TCP connection where there are ports of TCP, else an ICMP echo. Takes fields that nobody has checked yet. */
export function defaultMonitor({ mode, protocol = 'tcp', ports }: Record<string, unknown>): Monitor {
  const connects = protocol === 'tcp' && Array.isArray(ports) && ports.length > 0
  return monitorSchema.parse(withPaths({ type: connects ? 'tcp' : 'icmp' }, mode))
}

/** Fills in `paths` by the mode, before anything is parsed. What is no object stays as it is. */
export function withPaths(monitor: unknown, mode: unknown): unknown {
  if (typeof monitor !== 'object' || monitor === null || Array.isArray(monitor)) return monitor
  const own = 'type' in monitor && monitor.type === 'arp'
  return { paths: own || (mode !== undefined && mode !== 'dsr') ? 'rip' : 'both', ...definedOf(monitor) }
}

function definedOf(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
