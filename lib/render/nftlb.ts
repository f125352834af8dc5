import { familyOf } from '#lib/domain/address.ts'
import { hash32 } from '#lib/domain/hash.ts'
import type { Role } from '#lib/domain/active.ts'
import { needsMac, type Backend, type Farm, type Mode, type Scheduler } from '#lib/domain/farm.ts'

export type NftlbState = 'up' | 'down' | 'off'

/** A backend in nftlb's JSON. All values are strings and `name` comes first: nftlb skips other types without a word. */
export type NftlbBackend = {
  name: string
  'ip-addr': string
  'ether-addr'?: string
  port: string
  weight: string
  priority: '1'
  /** Percent of its slots that it has, when not all; the native engine's own. */
  part?: string
  state: NftlbState
}

/** A further address of a farm in nftlb's JSON. */
export type NftlbAddress = { name: string; family: NftlbFarm['family']; 'ip-addr': string; ports: string; protocol: NftlbFarm['protocol'] }

/** A farm in nftlb's JSON, in the order in which nftlb reads keys: `name` first, backends and `state` last. `slots` to `handover-size` are the native engine's own. */
export type NftlbFarm = {
  name: string
  family: 'ipv4' | 'ipv6'
  iface?: string
  oface?: string
  'ether-addr'?: string
  'virtual-addr': string
  'virtual-ports': string
  mode: 'dsr' | 'snat' | 'dnat' | 'stlsdnat'
  protocol: 'tcp' | 'udp' | 'sctp' | 'all'
  scheduler: 'maglev' | 'symhash' | 'hash' | 'rr' | 'weight'
  'sched-param': string
  persistence: string
  'persist-ttl': string
  slots?: '4093' | '65537'
  /** Seed of the hash: `0x` and 8 hex digits, never zero, which the kernel would replace by a random one. */
  seed?: string
  /** Seconds. */
  'handover-period'?: string
  /** Connections. */
  'handover-size'?: string
  addresses?: NftlbAddress[]
  backends: NftlbBackend[]
  state: 'up' | 'down'
}

/** What the agent found for a farm: its interface, the role and MAC address of each backend by name, and how much of its share (0 to 1) it has, when not all. */
export type Placement = {
  interface: { name: string; mac: string } | null
  roles: ReadonlyMap<string, Role>
  macs: ReadonlyMap<string, string>
  parts?: ReadonlyMap<string, number>
}

const modeNames: Record<Mode, NftlbFarm['mode']> = { dsr: 'dsr', snat: 'snat', dnat: 'dnat', 'stateless-dnat': 'stlsdnat' }
const schedulerNames: Record<Scheduler, NftlbFarm['scheduler']> = { maglev: 'maglev', symhash: 'symhash', hash: 'hash', 'round-robin': 'rr', weighted: 'weight' }
const stateNames: Record<Role, NftlbState> = { active: 'up', resting: 'off', out: 'down' }

/**
 * nftlb's name for a farm: prefixed, so that it is no nft keyword, and without hyphens, so that it never equals one of
 * the chains and maps that nftlb makes beside it (`F-back`, `persist-F`).
 */
export function nftlbFarmName(name: string): string {
  return `f_${name.replaceAll('-', '_')}`
}

/** nftlb's name for a backend. */
export function nftlbBackendName(name: string): string {
  return `b_${name.replaceAll('-', '_')}`
}

/**
 * Renders a farm as nftlb-compatible JSON. Priorities are folded into states: nftlb's own rule also activates lower tiers
 * when a single backend of a higher one fails. `off` keeps persistence entries working, `down` does not with them deleted.
 */
export function renderFarm(farm: Farm, placement: Placement): NftlbFarm {
  const { interface: iface } = placement
  return {
    name: nftlbFarmName(farm.name),
    family: familyOf(farm.vip),
    ...(iface ? { iface: iface.name, oface: iface.name, 'ether-addr': iface.mac } : {}),
    'virtual-addr': farm.vip,
    'virtual-ports': farm.ports.join(','),
    mode: modeNames[farm.mode],
    protocol: farm.protocol,
    scheduler: schedulerNames[farm.scheduler],
    'sched-param': farm.scheduler === 'hash' || farm.scheduler === 'maglev' ? farm.hashInput.join(' ') : 'none',
    persistence: farm.persistence.length > 0 ? farm.persistence.join(' ') : 'none',
    'persist-ttl': String(farm.persistenceTtl),
    ...(farm.scheduler === 'maglev' ? ownKeys(farm) : {}),
    ...(farm.additionalVips.length > 0 ? { addresses: farm.additionalVips.map((address, index) => renderAddress(farm, address, index)) } : {}),
    backends: farm.backends.map((backend) => renderBackend(farm, backend, placement)),
    state: farm.adminState === 'enabled' ? 'up' : 'down',
  }
}

function renderAddress(farm: Farm, address: string, index: number): NftlbAddress {
  return { name: `${nftlbFarmName(farm.name)}_vip${index + 2}`, family: familyOf(address), 'ip-addr': address, ports: farm.ports.join(','), protocol: farm.protocol }
}

/** The seed comes from the farm's name alone, so every appliance with this farm sends a client to the same backend. */
function ownKeys(farm: Farm): Pick<NftlbFarm, 'slots' | 'seed' | 'handover-period' | 'handover-size'> {
  const seed = (hash32(farm.name) || 1).toString(16).padStart(8, '0')
  return { slots: `${farm.slots}`, seed: `0x${seed}`, 'handover-period': String(farm.handoverPeriod), 'handover-size': String(farm.handoverSize) }
}

function renderBackend(farm: Farm, backend: Backend, { roles, macs, parts }: Placement): NftlbBackend {
  const part = farm.scheduler === 'maglev' ? parts?.get(backend.name) : undefined
  const mac = needsMac(farm.mode) ? (backend.mac ?? macs.get(backend.name)) : undefined
  return {
    name: nftlbBackendName(backend.name),
    'ip-addr': backend.address,
    ...(mac ? { 'ether-addr': mac } : {}),
    port: needsMac(farm.mode) || backend.port === null ? '' : String(backend.port),
    weight: String(backend.weight),
    priority: '1',
    ...(part === undefined ? {} : { part: String(Math.round(part * 100)) }),
    state: stateNames[roles.get(backend.name) ?? 'out'],
  }
}
