import { familyOf } from './address.ts'
import type { Draft } from './draft.ts'
import type { HashToken } from './farm.ts'
import type { Problem } from './problem.ts'

const client: readonly HashToken[] = ['srcip', 'srcport', 'srcmac']
const portTokens: readonly HashToken[] = ['srcport', 'dstport']

/** Rules about scheduler, hash input and persistence: refuses every combination that the packet path cannot keep. */
export function checkBalancing(draft: Draft): Problem[] {
  return [...maglev(draft), ...perPacket(draft), ...tokensOf(draft, 'hashInput'), ...tokensOf(draft, 'persistence'), ...keyOf(draft)]
}

/** Maglev stands in mode dsr alone and knows the backend of a connection from its hash and its handover, without a table of clients. */
function maglev({ mode, scheduler, persistence }: Draft): Problem[] {
  if (scheduler !== 'maglev') return []
  const problems: Problem[] = []
  if (mode !== undefined && mode !== 'dsr') {
    problems.push({ pointer: '/scheduler', code: 'maglev-needs-dsr', message: `Maglev works in mode dsr only, and this farm is in mode ${mode}.`, hint: 'Use symhash here, or mode dsr.' })
  }
  if (persistence && persistence.length > 0) {
    problems.push({ pointer: '/persistence', code: 'maglev-persistence', message: 'With scheduler maglev connections stay on their backend without a persistence table.', hint: 'Leave persistence empty; hashInput srcip alone keeps a client on one backend.' })
  }
  return problems
}

/**
 * DSR and stateless DNAT have no connection tracking, so these schedulers choose anew for every packet and split a
 * TCP or SCTP connection over the backends. Measured: 0 of 20 requests survive.
 */
function perPacket({ mode, vip, protocol, scheduler, persistence }: Draft): Problem[] {
  if (mode !== 'dsr' && mode !== 'stateless-dnat') return []
  if (scheduler !== 'round-robin' && scheduler !== 'weighted') return []
  if (protocol === undefined || protocol === 'udp' || !persistence || persistence.length > 0) return []
  return [
    {
      pointer: '/scheduler',
      code: 'scheduler-per-packet',
      message: `In mode ${mode}, ${scheduler} without persistence chooses a backend for every packet and breaks every ${protocol === 'all' ? 'TCP' : protocol.toUpperCase()} connection.`,
      hint: `Use ${mode === 'dsr' ? 'maglev' : 'symhash'}, or add persistence on ${vip !== undefined && familyOf(vip) === 'ipv6' ? 'srcip' : 'srcip and srcport'}.`,
    },
  ]
}

function tokensOf(draft: Draft, field: 'hashInput' | 'persistence'): Problem[] {
  const tokens = draft[field]
  if (!tokens || tokens.length === 0) return []
  if (field === 'hashInput' && draft.scheduler !== 'hash' && draft.scheduler !== 'maglev') return []
  // Maglev reads the ports of all three protocols from the same place, the rules of nftlb those of TCP alone.
  const portsOfTcp = !(field === 'hashInput' && draft.scheduler === 'maglev')
  const pointer = `/${field}`
  const problems: Problem[] = []
  if (portsOfTcp && draft.protocol === 'all' && tokens.some((token) => portTokens.includes(token))) {
    problems.push({ pointer, code: 'ports-need-protocol', message: 'With protocol all, a port in here would leave UDP and SCTP unbalanced: only TCP ports are read.', hint: 'Use srcip alone, or make one farm per protocol.' })
  }
  if (!tokens.some((token) => client.includes(token))) {
    problems.push({ pointer, code: 'no-client-token', message: 'This looks the same for every client, so one backend would get them all.', hint: 'Add srcip or srcport.' })
  }
  if (tokens.includes('srcmac') && draft.mode === 'dsr') {
    problems.push({ pointer, code: 'dsr-srcmac', message: "In mode dsr the client's MAC is replaced before it is read, so every client looks the same.", hint: 'Use srcip, with or without srcport.' })
  }
  return problems
}

/**
 * The key of a persistence table must fit into the kernel's registers. Measured with libnftables 1.0.6, which ends the
 * program that asks for more: an IPv6 address leaves room for nothing else, and all five tokens are too many in IPv4.
 */
function keyOf({ vip, persistence }: Draft): Problem[] {
  if (vip === undefined || !persistence) return []
  const six = familyOf(vip) === 'ipv6'
  const tooWide = six ? persistence.length > 1 && (persistence.includes('srcip') || persistence.includes('dstip')) : persistence.length > 4
  if (!tooWide) return []
  const message = six ? 'An IPv6 address fills the key of the persistence table alone.' : 'The key of the persistence table has no room for all of these.'
  return [{ pointer: '/persistence', code: 'persistence-too-wide', message, hint: six ? 'Use srcip alone, or srcport without an address.' : 'Leave one out; srcip and srcport tell connections apart.' }]
}
