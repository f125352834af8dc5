import { z } from 'zod'
import { addressBytes, parseAddress, parseMac } from './address.ts'
import { defaultMonitor, monitorSchema, withPaths, type Monitor } from './monitor.ts'
import { byName, namePattern } from './name.ts'
import { normalizePorts, parsePortRange } from './ports.ts'

export const modes = ['dsr', 'snat', 'dnat', 'stateless-dnat'] as const
export const protocols = ['tcp', 'udp', 'sctp', 'all'] as const
export const schedulers = ['maglev', 'symhash', 'hash', 'round-robin', 'weighted'] as const
export const tableSizes = [4093, 65537] as const
export const hashTokens = ['srcip', 'dstip', 'srcport', 'dstport', 'srcmac'] as const
export const farmAdminStates = ['enabled', 'disabled'] as const
export const adminStates = ['enabled', 'draining', 'disabled'] as const
export const allUnhealthyChoices = ['keep', 'eject'] as const

export type Mode = (typeof modes)[number]
export type Protocol = (typeof protocols)[number]
export type Scheduler = (typeof schedulers)[number]
export type HashToken = (typeof hashTokens)[number]
export type FarmAdminState = (typeof farmAdminStates)[number]
export type AdminState = (typeof adminStates)[number]

export const maxBackends = 256
export const maxFarmPorts = 64
export const maxAdditionalVips = 15

/** Up to this many backends the small Maglev table is the default: each of them has 64 slots of it then. */
export const smallTableBackends = 64

/** Adds a refusal with the project's own code and a hint to a zod check. */
function refuse(ctx: z.RefinementCtx, refusal: { code: string; message: string; hint: string }): void {
  ctx.addIssue({ code: 'custom', message: refusal.message, params: { code: refusal.code, hint: refusal.hint } })
}

export const nameSchema = z.string().superRefine((value, ctx) => {
  if (namePattern.test(value)) return
  refuse(ctx, {
    code: 'name-invalid',
    message: 'A name has 1 to 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit.',
    hint: 'Use a name like web or web-2.',
  })
})

export const addressSchema = z
  .string()
  .superRefine((value, ctx) => {
    const parsed = parseAddress(value)
    if ('code' in parsed) refuse(ctx, parsed)
  })
  .overwrite((value) => {
    const parsed = parseAddress(value)
    return 'address' in parsed ? parsed.address : value
  })

export const macSchema = z
  .string()
  .superRefine((value, ctx) => {
    if (!parseMac(value)) {
      refuse(ctx, { code: 'mac-invalid', message: 'This is not a unicast MAC address.', hint: 'Write it like 52:54:00:12:34:56, or leave it empty so that the agent finds it.' })
    }
  })
  .overwrite((value) => parseMac(value) ?? value)

export const interfaceNameSchema = z.string().superRefine((value, ctx) => {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(value) && value !== 'all' && value !== 'default') return
  refuse(ctx, { code: 'interface-invalid', message: 'This is not a usable interface name.', hint: 'Use the name that "ip link" shows, up to 15 letters, digits, "_", "." or "-".' })
})

const portRangeSchema = z.string().superRefine((value, ctx) => {
  if (parsePortRange(value)) return
  refuse(ctx, { code: 'port-invalid', message: `"${value.slice(0, 20)}" is neither a port nor a range of ports.`, hint: 'Write 80 or 8000-8010; ports are 1 to 65535 and a range runs upwards.' })
})

const portNumberSchema = z.int('A port is a whole number from 1 to 65535.').min(1, 'A port is 1 or more.').max(65535, 'A port is 65535 or less.')

/** A set of hash tokens in their canonical order, each once. */
function tokens(values: readonly HashToken[]): HashToken[] {
  return hashTokens.filter((token) => values.includes(token))
}

export const adminStateSchema = z.enum(adminStates)

export const backendSchema = z
  .strictObject({
    name: nameSchema.describe('Unique within the farm.'),
    address: addressSchema.describe("The backend's own address (RIP)."),
    port: portNumberSchema.nullable().default(null).describe('Port on the backend; null keeps the port that the client used. Not translated in mode dsr.'),
    mac: macSchema.nullable().default(null).describe('Ethernet address; null means that the agent finds it.'),
    weight: z.int('A weight is a whole number.').min(1, 'A weight is 1 or more.').max(1000, 'A weight is 1000 or less.').default(1),
    priority: z.int('A priority is a whole number.').min(1, 'A priority is 1 or more.').max(100, 'A priority is 100 or less.').default(1).describe('1 is used first; a higher number stands by until no backend of a lower one is active.'),
    adminState: adminStateSchema.default('enabled'),
    monitor: monitorSchema.nullable().default(null).describe('How this backend is checked instead of the way of its farm; null: as the farm says.'),
  })
  .meta({ id: 'Backend' })

export const farmSchema = z
  .strictObject({
    name: nameSchema.describe('Identifies the farm in URLs, in the ruleset and in logs.'),
    adminState: z.enum(farmAdminStates).default('enabled'),
    mode: z.enum(modes).default('dsr'),
    delivery: z.enum(['l2']).default('l2').describe('How a DSR packet reaches the backend: l2 rewrites the MAC address.'),
    interface: interfaceNameSchema.nullable().default(null).describe("The appliance's interface; null means the one whose subnet holds the VIP."),
    vip: addressSchema.describe('The address that clients use.'),
    additionalVips: z.array(addressSchema).max(maxAdditionalVips, `At most ${maxAdditionalVips} additional VIPs.`).default([]).overwrite(sortedAddresses).describe('More addresses that clients use, with the same ports and backends. Needs scheduler maglev; of the family of `vip`.'),
    protocol: z.enum(protocols).default('tcp'),
    ports: z.array(portRangeSchema).max(maxFarmPorts).default([]).overwrite(normalizeIfValid).describe('Ports and ranges that clients use; empty means every port.'),
    scheduler: z.enum(schedulers).default('maglev').describe('Left out, it is maglev in mode dsr without persistence and symhash elsewhere. maglev works in mode dsr only.'),
    hashInput: z.array(z.enum(hashTokens)).min(1, 'Choose at least one input.').default(['srcip', 'srcport']).overwrite(tokens).describe('What maglev and hash look at; the other schedulers ignore it. srcip alone keeps a client on one backend.'),
    slots: z.literal(tableSizes).default(4093).describe('Size of the Maglev table. Left out, it is 65537 for a farm that begins with more than 64 backends.'),
    handoverPeriod: z.int('Seconds are a whole number.').min(1, 'At least 1 second.').max(86_400, 'At most a day, 86400 seconds.').default(3600).describe('Maglev: seconds for which connections begun before a change may stay on their backend.'),
    handoverSize: z.int('A number of connections is a whole number.').min(1024, 'At least 1024.').max(1_048_576, 'At most 1048576.').default(65_536).describe('Maglev: how many connections begun during a handover can be remembered.'),
    persistence: z.array(z.enum(hashTokens)).default([]).overwrite(tokens).describe('What a client is remembered by; empty means no table.'),
    persistenceTtl: z.int('Seconds are a whole number.').min(1, 'At least 1 second.').max(31_536_000, 'At most a year, 31536000 seconds.').default(60).describe('Seconds without a packet after which a client is forgotten.'),
    backends: z.array(backendSchema).max(maxBackends).default([]).overwrite((list) => [...list].sort(byName)),
    policies: z.array(z.string()).max(0, 'There are no policies yet.').default([]),
    monitor: monitorSchema.nullable().default(null).describe('How backends are checked; null: not at all. Left out, it is a TCP connection to the first port, without ports of TCP an ICMP echo.'),
    whenAllUnhealthy: z.enum(allUnhealthyChoices).default('keep').describe('When no backend is healthy: keep those that failed last, or eject them all.'),
    slowStart: z.int('Seconds are a whole number.').min(0, 'At least 0 seconds.').max(3600, 'At most an hour, 3600 seconds.').default(0).describe('Maglev: seconds after which a backend that was unhealthy has its whole share again; it begins with a quarter. 0: at once.'),
  })
  .meta({ id: 'Farm' })

/** Addresses in ascending order, each once. */
function sortedAddresses(addresses: string[]): string[] {
  const unique = [...new Set(addresses)]
  if (unique.some((address) => 'code' in parseAddress(address))) return unique
  const key = (address: string): string => addressBytes(address).map((byte) => String.fromCharCode(byte)).join('')
  return unique.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/**
 * Fills in the defaults that depend on other fields, before anything is parsed: the scheduler by mode and persistence, the
 * size of the Maglev table by the number of backends, the monitor by protocol, ports and mode. Fields that are there stay, valid or not.
 */
export function withDefaults(input: Record<string, unknown>): Record<string, unknown> {
  const { mode, persistence, backends, scheduler, slots, monitor } = input
  const many = Array.isArray(backends) && backends.length > smallTableBackends
  return {
    ...input,
    scheduler: scheduler === undefined ? defaultScheduler(mode, persistence) : scheduler,
    slots: slots === undefined ? (many ? 65537 : 4093) : slots,
    monitor: monitor === undefined ? defaultMonitor(input) : withPaths(monitor, mode),
    ...(Array.isArray(backends) ? { backends: backends.map((backend: unknown) => monitored(backend, mode)) } : {}),
  }
}

/** Whether a farm has the monitor of one that names none, so that it follows mode, protocol and ports. */
export function hasDefaultMonitor(farm: Farm): boolean {
  return JSON.stringify(farm.monitor) === JSON.stringify(defaultMonitor(farm))
}

function monitored(backend: unknown, mode: unknown): unknown {
  return typeof backend === 'object' && backend !== null && 'monitor' in backend ? { ...backend, monitor: withPaths(backend.monitor, mode) } : backend
}

/** The scheduler of a farm that names none: maglev in mode dsr without persistence, else symhash. */
export function defaultScheduler(mode: unknown, persistence: unknown): Scheduler {
  const elsewhere = modes.some((one) => one === mode && one !== 'dsr')
  return elsewhere || (Array.isArray(persistence) && persistence.length > 0) ? 'symhash' : 'maglev'
}

function normalizeIfValid(ports: string[]): string[] {
  return ports.every((text) => parsePortRange(text)) ? normalizePorts(ports) : ports
}

export type Farm = z.output<typeof farmSchema>
export type FarmInput = z.input<typeof farmSchema>
export type Backend = z.output<typeof backendSchema>
export type BackendInput = z.input<typeof backendSchema>

/** Every VIP of a farm, the first one first. */
export function vipsOf({ vip, additionalVips }: Pick<Farm, 'vip' | 'additionalVips'>): string[] {
  return [vip, ...additionalVips]
}

/** How a backend is checked; null when it is not. */
export function monitorOf(farm: Pick<Farm, 'monitor'>, backend: Pick<Backend, 'monitor'>): Monitor | null {
  return backend.monitor ?? farm.monitor
}

/** True when the kernel addresses the backends of this mode by their MAC: they stand in the appliance's own network then. */
export function needsMac(mode: Mode): boolean {
  return mode === 'dsr' || mode === 'stateless-dnat'
}

/** Protocols as the packets carry them: `all` stands for the three that the engine knows. */
export function packetProtocols(protocol: Protocol): Array<Exclude<Protocol, 'all'>> {
  return protocol === 'all' ? ['tcp', 'udp', 'sctp'] : [protocol]
}

/** The protocol that two farms share, or null. */
export function sharedProtocol(a: Protocol, b: Protocol): Exclude<Protocol, 'all'> | null {
  return packetProtocols(a).find((one) => packetProtocols(b).includes(one)) ?? null
}
