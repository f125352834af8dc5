import { z } from 'zod'
import type { Protocol } from './farm.ts'

export const probeTypes = ['tcp', 'http', 'https', 'dns', 'udp', 'icmp', 'arp'] as const
export type ProbeType = (typeof probeTypes)[number]

export const dnsRecordTypes = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const

/** Which verdicts decide: the backend's own address, the VIP through the backend, or both. Only mode dsr has the verdict `vip`. */
export const monitorPaths = ['both', 'rip', 'vip'] as const

const seconds = (least: number, most: number) => z.number('Seconds are a number.').min(least, `At least ${least} seconds.`).max(most, `At most ${most} seconds.`)
const count = z.int('This is a whole number.').min(1, 'At least 1.').max(20, 'At most 20.')
const port = z.int('A port is a whole number from 1 to 65535.').min(1, 'A port is 1 or more.').max(65535, 'A port is 65535 or less.')
/** Printable ASCII without a line end: it becomes part of a request. */
const line = (most: number) => z.string().max(most, `At most ${most} characters.`).regex(/^[\x20-\x7e]*$/, 'Only printable ASCII without line ends.')

const common = {
  paths: z.enum(monitorPaths).default('both').describe('Whose answer counts: of the own address (rip), of the VIP through the backend (vip), or of both.'),
  interval: seconds(0.5, 3600).default(2).describe('Seconds between two probes.'),
  timeout: seconds(0.1, 60).default(1).describe('Seconds without an answer after which a probe has failed.'),
  rise: count.default(2).describe('Successes in a row that make a backend healthy.'),
  fall: count.default(3).describe('Failures in a row that make a backend unhealthy.'),
}
const portOf = port.nullable().default(null).describe('null: the first port of the farm.')
const http = {
  port: portOf,
  path: line(1000).regex(/^\/[^ ]*$/, 'A path begins with / and has no space.').default('/'),
  host: line(255).regex(/^[A-Za-z0-9.:[\]-]*$/, 'This is no host name.').nullable().default(null).describe('Host header; null: the address that is asked.'),
  statuses: z.array(z.string().regex(/^[1-5]\d\d(-[1-5]\d\d)?$/, 'Write 200 or 200-399.')).min(1).max(20).default(['200-399']),
  body: z.string().max(1000).nullable().default(null).describe('Text that the first 64 KiB of the answer must hold; null: any.'),
}

/** A configured health check. Every kind is typed: no monitor runs a command. */
export const monitorSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('tcp'), ...common, port: portOf }),
    z.strictObject({ type: z.literal('http'), ...common, ...http }),
    z.strictObject({ type: z.literal('https'), ...common, ...http, verify: z.boolean().default(false).describe('Whether the certificate must be valid for the host.') }),
    z.strictObject({ type: z.literal('dns'), ...common, port: portOf, name: line(253).regex(/^[A-Za-z0-9._-]+$/, 'This is no domain name.'), record: z.enum(dnsRecordTypes).default('A'), answer: line(255).nullable().default(null).describe('Text that one record must hold; null: any answer without an error.') }),
    z.strictObject({ type: z.literal('udp'), ...common, port: portOf, send: line(1000), expect: line(1000).nullable().default(null).describe('Text that the answer must hold; null: any answer.') }),
    z.strictObject({ type: z.literal('icmp'), ...common }),
    z.strictObject({ type: z.literal('arp'), ...common }),
  ])
  .meta({ id: 'Monitor' })

export type Monitor = z.output<typeof monitorSchema>

/** The monitor of a farm that names none: a TCP connection where there is TCP, else an ICMP echo. */
export function defaultMonitor(protocol: Protocol, ports: readonly string[]): Monitor {
  return monitorSchema.parse({ type: protocol === 'tcp' && ports.length > 0 ? 'tcp' : 'icmp' })
}
