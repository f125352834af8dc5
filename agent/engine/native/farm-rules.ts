import { errorChain } from './dispatch.ts'
import { flowExpression, opensSctp, opensTcp, slotExpression } from './expressions.ts'
import { sendChain, type Id, type SendKind } from './names.ts'
import { tellsNew, type Shape } from './shape.ts'

/** Seconds that the first packet of a connection is remembered: the second one makes it the farm's whole period. */
const openingSeconds = 60

/** The maps of a farm: its slots, and during a handover the owners before and after it and the connections begun since. */
export function slotMap(farm: string): string {
  return farm
}
export function beforeMap(farm: string): string {
  return `${farm}-before`
}
export function afterMap(farm: string): string {
  return `${farm}-after`
}
export function youngMap(farm: string): string {
  return `${farm}-young`
}

/** Chains by name, each with its rules in order. */
export type Chains = Map<string, string[]>

/**
 * The chains of a farm. A slot in handover is missing in the slot map, so that only its packets meet the rules of the
 * handover: a new connection goes to the owner after and is remembered, a remembered one goes where it began, all others go
 * to the owner before. When the memory is full a new one goes to the owner before too, and is found there later.
 */
export function farmChains(shape: Shape, id: Id, inHandover: boolean): Chains {
  const handover = inHandover && tellsNew(shape.kind)
  const slot = slotExpression(shape, 'packet')
  const send = `goto ${sendChain(sendKind(shape), shape.family, shape.iface)}`
  const none = `meta mark set ${id} goto nobody`
  const chains: Chains = new Map()
  chains.set(shape.name, [`meta mark set ${slot} map @${slotMap(shape.name)} ${send}`, ...(handover ? oldAndYoung(shape, slot, send) : []), none])
  if (handover) {
    const flow = flowExpression(shape.family, 'packet')
    chains.set(`${shape.name}-new`, [
      // An entry of an older connection with the same ports would keep its owner: an update changes the lifetime only.
      `delete @${youngMap(shape.name)} { ${flow} : 0 }`,
      `meta mark set ${slot} map @${afterMap(shape.name)} update @${youngMap(shape.name)} { ${flow} timeout ${openingSeconds}s : meta mark } ${send}`,
      `meta mark set ${slot} map @${beforeMap(shape.name)} ${send}`,
    ])
    chains.set(`${shape.name}-kept`, [`update @${youngMap(shape.name)} { ${flow} timeout ${shape.period}s : meta mark }`, send])
  }
  chains.set(errorChain(shape.name), errorRules(shape, handover))
  return chains
}

function oldAndYoung(shape: Shape, slot: string, send: string): string[] {
  const { name, kind } = shape
  const fresh = `goto ${name}-new`
  const opening = { tcp: [`${opensTcp} ${fresh}`], sctp: [`${opensSctp} ${fresh}`], udp: [], all: [`meta l4proto tcp ${opensTcp} ${fresh}`, `meta l4proto sctp ${opensSctp} ${fresh}`] }
  // Nothing tells the first datagram of a UDP flow from the others: they all follow the new owner.
  const datagrams = kind === 'all' ? [`meta l4proto udp meta mark set ${slot} map @${afterMap(name)} ${send}`] : []
  return [
    ...opening[kind],
    ...datagrams,
    `meta mark set ${flowExpression(shape.family, 'packet')} map @${youngMap(name)} goto ${name}-kept`,
    `meta mark set ${slot} map @${beforeMap(name)} meta mark @older ${send}`,
  ]
}

/** An ICMP error goes where the connection is that it is about; the packet inside it is the backend's reply. */
function errorRules(shape: Shape, handover: boolean): string[] {
  const slot = slotExpression(shape, 'error')
  const send = `goto ${sendChain('error', shape.family, shape.iface)}`
  const moved = [`meta mark set ${flowExpression(shape.family, 'error')} map @${youngMap(shape.name)} ${send}`, `meta mark set ${slot} map @${beforeMap(shape.name)} ${send}`]
  return [`meta mark set ${slot} map @${slotMap(shape.name)} ${send}`, ...(handover ? moved : [])]
}

function sendKind({ kind }: Shape): SendKind {
  return kind === 'tcp' || kind === 'all' ? kind : 'other'
}
