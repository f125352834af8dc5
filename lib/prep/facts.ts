import { vipsOf, type Mode } from '../domain/farm.ts'
import { byName } from '../domain/name.ts'
import { addressLiteral, keyLiteral, serviceLiteral, servicesOf, slug } from './literal.ts'
import type { AddressLiteral, Literal, Slug } from './literal.ts'
import { comment } from './node.ts'
import type { Comment } from './node.ts'
import type { PrepInput, PrepRefusal, PrepSystem } from './prep.ts'

/** Everything that a script says about this backend, parsed. VIPs and services appear once, in the order of the farms' names. */
export type PrepFacts = {
  name: Slug
  rip: AddressLiteral
  /** Part of file names on the backend, so that a machine with two addresses can hold both scripts. */
  key: Literal
  vips: Literal[]
  services: Literal[]
  /** The appliance's addresses of the same family. */
  appliances: Literal[]
  farms: Comment[]
}

const refusals: Record<Exclude<Mode, 'dsr'>, string> = {
  snat: 'Nothing to prepare: in mode snat every packet comes from the appliance, so the backend answers to it by itself.',
  dnat: "No script is needed: in mode dnat the replies must return through the appliance, so set the backend's default gateway to the appliance's address in that network.",
  'stateless-dnat':
    "No script is needed: in mode stateless-dnat the replies must return through the appliance, so set the backend's default gateway to the appliance's address in that network.",
}

/** Parses the input. A backend that serves no DSR farm is refused with the reason; text that is no address or port throws. */
export function prepFacts(input: PrepInput): PrepFacts | PrepRefusal {
  const dsr = input.farms.filter((farm) => farm.mode === 'dsr').sort(byName)
  if (dsr.length === 0) return { refusal: refusalFor(input) }
  const rip = addressLiteral(input.backend.address)
  const vips = dsr.flatMap(vipsOf).map(addressLiteral)
  if (vips.some((vip) => vip.family !== rip.family)) throw new Error('A backend and the VIPs of its farms have one address family.')
  return {
    name: slug(input.backend.name),
    rip,
    key: keyLiteral(rip),
    vips: unique(vips.map((vip) => vip.text)),
    services: unique(dsr.flatMap((farm) => servicesOf(farm).map(serviceLiteral))),
    appliances: unique(input.appliances.map(addressLiteral).filter(({ family }) => family === rip.family).map(({ text }) => text)),
    farms: dsr.flatMap((farm) => servicesOf(farm).map(({ vip, protocol, ports }) => comment`  farm ${slug(farm.name)}: VIP ${vip}, ${protocol}, port ${ports}`)),
  }
}

function refusalFor(input: PrepInput): string {
  const modes = [...new Set(input.farms.map((farm) => farm.mode))]
  const reasons = modes.flatMap((mode) => (mode === 'dsr' ? [] : [refusals[mode]]))
  const kept = keptScripts[input.system]
  return [
    ...(reasons.length > 0 ? reasons : ['Nothing to prepare: this backend serves no farm.']),
    ...(kept ? [`If it was prepared before, put it back there: sudo sh /var/lib/tangent-backend/${kept}-${keyLiteral(addressLiteral(input.backend.address))}.sh --undo`] : []),
  ].join(' ')
}

/** The scripts that leave a copy of themselves on the machine, by what its name begins with. */
const keptScripts: Partial<Record<PrepSystem, string>> = { 'linux': 'tangent-backend', 'linux-redirect': 'tangent-redirect', 'cloud-init': 'tangent-backend' }

function unique<T>(values: T[]): T[] {
  return [...new Set(values)]
}
