import { hostPrefix, parseAddress } from '../domain/address.ts'
import type { Family } from '../domain/address.ts'
import { packetProtocols, vipsOf } from '../domain/farm.ts'
import { parsePortRange, printPortRange } from '../domain/ports.ts'
import type { PrepFarm } from './prep.ts'

declare const made: unique symbol
declare const slugged: unique symbol

/** Text that may stand in a script as a value. Only this file makes it, and only from parsed addresses, ports and enums. */
export type Literal = string & { readonly [made]: true }

/** A name with nothing in it but letters, digits, space, dot, underscore and hyphen. It may stand in a comment only. */
export type Slug = string & { readonly [slugged]: true }

const alphabet = /^[0-9A-Za-z.:,/-]+$/

/** The last gate: a value has no character that any of the three languages reads as anything but itself. */
function literal(text: string): Literal {
  if (!alphabet.test(text)) throw new Error('A value of a preparation script has a character outside its alphabet.')
  return text as Literal
}

/** The length of a prefix that holds one address. */
export type HostPrefix = 32 | 128

export type AddressLiteral = { text: Literal; family: Family; prefix: HostPrefix }

/** A unicast address in its canonical form. Throws when it is none. */
export function addressLiteral(text: string): AddressLiteral {
  const parsed = parseAddress(text)
  if ('code' in parsed) throw new Error(`A preparation script needs unicast addresses: ${parsed.code}.`)
  return { text: literal(parsed.address), family: parsed.family, prefix: hostPrefix(parsed.address) }
}

/** The address as part of a file name: 10.9.0.21 → 10-9-0-21. */
export function keyLiteral(address: AddressLiteral): Literal {
  return literal(address.text.replace(/[.:]/g, '-'))
}

export function familyLiteral(family: Family): Literal {
  return literal(family === 'ipv6' ? 'IPv6' : 'IPv4')
}

export function numberLiteral(value: number): Literal {
  return literal(String(value))
}

/** The ports of a farm: `80,8000-8010`, or `any`. Throws on a text that is no port. */
export function portsLiteral(ports: readonly string[]): Literal {
  const ranges = ports.map((text) => {
    const range = parsePortRange(text)
    if (!range) throw new Error('A preparation script needs ports from 1 to 65535 or ranges of them.')
    return printPortRange(range)
  })
  return literal(ranges.join(',') || 'any')
}

export type Service = { vip: Literal; protocol: Literal; ports: Literal }

/** What a firewall must let in for a farm: one entry per VIP and packet protocol. */
export function servicesOf(farm: PrepFarm): Service[] {
  const ports = portsLiteral(farm.ports)
  const protocols = packetProtocols(farm.protocol).map(literal)
  return vipsOf(farm).flatMap((address) => protocols.map((protocol) => ({ vip: addressLiteral(address).text, protocol, ports })))
}

/** A service as one value: `10.9.0.100/tcp/80,443`. */
export function serviceLiteral(service: Service): Literal {
  return literal([service.vip, service.protocol, service.ports].join('/'))
}

/** Every other character becomes an underscore; 64 characters at most. */
export function slug(name: string): Slug {
  return name.replace(/[^A-Za-z0-9 ._-]/g, '_').slice(0, 64) as Slug
}
