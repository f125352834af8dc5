import { vipsOf, type Farm, type HashToken, type Mode, type Protocol, type Scheduler } from '#lib/domain/farm.ts'

type Explained = { label: string; help: string }

export const modeWords: Record<Mode, Explained> = {
  dsr: { label: 'Direct Server Return', help: 'Requests come in through the appliance, replies leave the backends straight to the client. Each backend must be prepared to accept the VIP.' },
  snat: { label: 'Source NAT', help: "Both directions go through the appliance, and backends see the appliance's address as the client. Nothing to prepare on the backends." },
  dnat: { label: 'Destination NAT', help: "Both directions go through the appliance, and backends see the client's address. The appliance must be the backends' gateway." },
  'stateless-dnat': { label: 'Stateless destination NAT', help: "Like destination NAT, without connection tracking: faster, and the appliance must be the backends' gateway." },
}

export const modeShort: Record<Mode, string> = { dsr: 'DSR', snat: 'SNAT', dnat: 'DNAT', 'stateless-dnat': 'Stateless DNAT' }

export const schedulerWords: Record<Scheduler, Explained> = {
  maglev: { label: 'Maglev', help: 'A consistent hash, the choice for DSR: when backends come and go, open connections stay where they are, and only the share of that backend is dealt anew.' },
  symhash: { label: 'Symmetric hash', help: 'Both directions of a connection hash to the same backend. When the pool changes, about 1 − 1/n of the connections move, unless persistence remembers them.' },
  hash: { label: 'Hash', help: 'You choose what is hashed. Every change of the pool draws the hash anew, so connections move unless persistence remembers them.' },
  'round-robin': { label: 'Round robin', help: 'Each new choice takes the next backend in turn. Without connection tracking it needs persistence, or every packet would be a new choice.' },
  weighted: { label: 'Weighted', help: 'A random choice in proportion to the weights. Without connection tracking it needs persistence, or every packet would be a new choice.' },
}

export const protocolWords: Record<Protocol, string> = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP', all: 'All three' }

export const tokenWords: Record<HashToken, string> = { srcip: 'Client address', dstip: 'VIP address', srcport: 'Client port', dstport: 'VIP port', srcmac: 'Client MAC' }

/** The hash inputs that make sense together, in words. */
export const hashInputs: ReadonlyArray<{ tokens: readonly HashToken[]; label: string }> = [
  { tokens: ['srcip', 'srcport'], label: 'Address and port of the client' },
  { tokens: ['srcip'], label: 'Address of the client only: one client stays on one backend' },
  { tokens: ['srcip', 'dstip'], label: 'Address of the client and the VIP: one client stays on one backend per VIP' },
  { tokens: ['srcip', 'dstip', 'srcport', 'dstport'], label: 'Addresses and ports of client and VIP' },
]

/** Tokens (in their canonical order) in words. */
export function hashInputText(tokens: readonly HashToken[]): string {
  return hashInputs.find((one) => one.tokens.join() === tokens.join())?.label ?? tokens.map((token) => tokenWords[token]).join(', ')
}

/** Ports as people read them. */
export function portsText(ports: readonly string[]): string {
  return ports.length === 0 ? 'all ports' : ports.join(', ')
}

/** `203.0.113.7:80` for one port, `203.0.113.7 · 80, 443` for several; IPv6 in brackets before a port. Additional VIPs are counted. */
export function endpointText({ vip, additionalVips, ports }: Pick<Farm, 'vip' | 'additionalVips' | 'ports'>): string {
  const [only] = ports
  const more = additionalVips.length > 0 ? ` +${additionalVips.length} VIP${additionalVips.length > 1 ? 's' : ''}` : ''
  if (ports.length !== 1 || only === undefined || only.includes('-')) return `${vip}${more} · ${portsText(ports)}`
  return `${vip.includes(':') ? `[${vip}]` : vip}:${only}${more}`
}

/** Every VIP of a farm, one after the other. */
export function vipsText(farm: Farm): string {
  return vipsOf(farm).join(', ')
}

/** The protocol of a farm in short: `TCP`, or all that the engine knows. */
export function protocolText(protocol: Protocol): string {
  return protocol === 'all' ? 'TCP, UDP, SCTP' : protocolWords[protocol]
}
