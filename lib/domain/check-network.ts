import { familyOf, hostPrefix } from './address.ts'
import { draftVips, type Draft, type Surroundings } from './draft.ts'
import { needsMac, packetProtocols, sharedProtocol, vipsOf, type Farm } from './farm.ts'
import { holds, interfaceOf, type Interface } from './interface.ts'
import { sharedPort } from './ports.ts'
import { pointerOf, type Problem } from './problem.ts'

/** Rules about the appliance's network: the interface, the subnet of the backends, and who else has the VIP. */
export function checkNetwork(draft: Draft, { others, interfaces }: Surroundings): Problem[] {
  return [...overlaps(draft, others), ...apart(draft, others, interfaces), ...sharedReturn(draft, others), ...pins(draft, others), ...(interfaces ? placed(draft, interfaces) : [])]
}

function overlaps(draft: Draft, others: readonly Farm[]): Problem[] {
  const { protocol, ports } = draft
  if (protocol === undefined || !ports) return []
  const hint = packetProtocols(protocol).length > 1 ? 'Choose another VIP, other ports, or one protocol instead of all.' : 'Choose another VIP, port or protocol.'
  return others.flatMap((other) => {
    const shared = other.name === draft.name ? null : sharedProtocol(protocol, other.protocol)
    const port = sharedPort(ports, other.ports)
    if (!shared || port === null) return []
    const every = ports.length === 0 && other.ports.length === 0
    const theirs = vipsOf(other)
    return draftVips(draft).filter(({ address }) => theirs.includes(address)).map(({ address, pointer }) => {
      const what = every ? `${shared.toUpperCase()} on ${address}` : `${shared.toUpperCase()} port ${port} of ${address}`
      return { pointer: pointer === '/vip' ? '/ports' : pointer, code: 'vip-port-taken', message: `${what} belongs to farm ${other.name}.`, hint }
    })
  })
}

/** The engine takes packets for an address from one interface alone, so the farms of a VIP stand on the same one. */
function apart(draft: Draft, others: readonly Farm[], interfaces: Surroundings['interfaces']): Problem[] {
  const { vip } = draft
  if (vip === undefined || draft.interface === undefined) return []
  const nameOf = (farm: Pick<Farm, 'interface' | 'vip'>): string | null => (interfaces ? interfaceOf(farm, interfaces)?.name : null) ?? farm.interface
  const own = nameOf({ interface: draft.interface, vip })
  if (own === null) return []
  return others.flatMap((other) => {
    const shared = other.name === draft.name ? undefined : draftVips(draft).find(({ address }) => vipsOf(other).includes(address))
    const theirs = shared ? nameOf(other) : null
    if (!shared || theirs === null || theirs === own) return []
    const message = `Farm ${other.name} has ${shared.address} on ${theirs}, and a VIP can be on one interface only.`
    return [{ pointer: '/interface', code: 'vip-interface-differs', message, hint: `Choose ${theirs} here too, or another VIP.` }]
  })
}

/**
 * Stateless DNAT knows the farm of a reply by the backend's address, protocol and port alone, so two such farms cannot
 * have a backend in common on the same port.
 */
function sharedReturn(draft: Draft, others: readonly Farm[]): Problem[] {
  const { mode, protocol, ports } = draft
  if (mode !== 'stateless-dnat' || protocol === undefined || !ports) return []
  if (ports.length === 0) return [{ pointer: '/ports', code: 'stateless-needs-ports', message: 'Without ports, the engine does not translate the replies of stateless DNAT back.', hint: 'List the ports, or use mode dsr, snat or dnat.' }]
  return draft.backends.flatMap((backend, index) => {
    const owner = others.find(
      (other) =>
        other.mode === 'stateless-dnat' &&
        other.name !== draft.name &&
        sharedProtocol(protocol, other.protocol) !== null &&
        sharedPort(ports, other.ports) !== null &&
        other.backends.some((one) => one.address === backend.address),
    )
    if (!owner) return []
    return [
      {
        pointer: pointerOf(['backends', index, 'address']),
        code: 'stateless-backend-taken',
        message: `${backend.address} serves these ports for farm ${owner.name} already, and stateless DNAT could not tell the replies apart.`,
        hint: 'Give the backend a second address, or use mode dsr, snat or dnat.',
      },
    ]
  })
}

/** The kernel holds one MAC for an address, whichever farm asks for it. */
function pins(draft: Draft, others: readonly Farm[]): Problem[] {
  if (draft.mode === undefined || !needsMac(draft.mode)) return []
  const pinning = others.filter((other) => other.name !== draft.name && needsMac(other.mode))
  return draft.backends.flatMap(({ address, mac }, index) => {
    if (address === undefined || !mac) return []
    const rival = pinning.flatMap((other) => other.backends.filter((one) => one.address === address && one.mac !== null && one.mac !== mac).map((one) => ({ farm: other.name, mac: one.mac })))[0]
    if (!rival) return []
    const message = `Farm ${rival.farm} says that ${address} has the MAC address ${rival.mac}, and it can have one only.`
    return [{ pointer: pointerOf(['backends', index, 'mac']), code: 'mac-differs', message, hint: 'Give both the same MAC address, or leave it empty so that the agent finds it.' }]
  })
}

function placed(draft: Draft, interfaces: NonNullable<Surroundings['interfaces']>): Problem[] {
  const { vip, mode } = draft
  if (vip === undefined || draft.interface === undefined) return []
  const iface = interfaceOf({ interface: draft.interface, vip }, interfaces)
  const names = interfaces.map((one) => one.name).join(', ')
  if (!iface && draft.interface !== null) {
    return [{ pointer: '/interface', code: 'interface-unknown', message: `The appliance has no interface ${draft.interface}.`, hint: names ? `It has ${names}.` : 'It has none that is usable.' }]
  }
  if (!iface) {
    return [{ pointer: '/vip', code: 'vip-off-subnet', message: `No interface of the appliance has a subnet that holds ${vip}.`, hint: `Choose the interface for a routed VIP (${names}), or a VIP from one of their subnets.` }]
  }
  const elsewhere = draft.interface !== null ? [] : draftVips({ additionalVips: draft.additionalVips }).filter(({ address }) => familyOf(address) === familyOf(vip) && !holds(iface, address))
  const routed = elsewhere.map(({ address, pointer }) => ({ pointer, code: 'vip-off-subnet', message: `${address} is in no subnet of ${iface.name}, where ${vip} is.`, hint: `Choose the interface ${iface.name} for a routed VIP, or a VIP from one of its subnets.` }))
  return [...routed, ...(mode === 'dsr' ? ownAddress(draft, iface) : []), ...(mode !== undefined && needsMac(mode) ? reached(draft, iface) : [])]
}

/** A DSR backend holds the VIP itself, and a machine never answers ARP from an address of its own: with the VIP as its only address in that subnet the appliance finds no backend. */
function ownAddress(draft: Draft, iface: Interface): Problem[] {
  return draftVips(draft).flatMap(({ address, pointer }) => {
    const subnet = iface.addresses.find((own) => own.address === address && own.prefix < hostPrefix(address))
    const others = iface.addresses.filter((own) => own.address !== address)
    if (!subnet || holds({ ...iface, addresses: others }, address)) return []
    const message = `${address} is the address of the appliance itself on ${iface.name}, and the backends would take it for theirs.`
    return [{ pointer, code: 'vip-is-appliance', message, hint: 'Choose a VIP that no machine has, or give the appliance a second address in this subnet.' }]
  })
}

function reached(draft: Draft, iface: Interface): Problem[] {
  return draft.backends.flatMap((backend, index) => {
    if (backend.address === undefined || holds(iface, backend.address)) return []
    return [
      {
        pointer: pointerOf(['backends', index, 'address']),
        code: 'backend-off-subnet',
        message: `${backend.address} is not in a subnet of ${iface.name}, so the appliance cannot reach it by its MAC address.`,
        hint: 'In modes dsr and stateless-dnat the backends stand in the same network as the appliance; use snat or dnat for others.',
      },
    ]
  })
}
