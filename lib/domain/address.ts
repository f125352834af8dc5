import ipaddr from 'ipaddr.js'

export type Family = 'ipv4' | 'ipv6'

export type ParsedAddress = { address: string; family: Family }

export type AddressRefusal = { code: string; message: string; hint: string }

const refused: Partial<Record<string, string>> = {
  unspecified: 'the unspecified address',
  broadcast: 'the broadcast address',
  multicast: 'a multicast address',
  loopback: 'a loopback address',
  linkLocal: 'a link-local address',
  ipv4Mapped: 'an IPv4-mapped IPv6 address',
}

function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text) && !/(^|\.)0\d/.test(text)) return ipaddr.IPv4.parse(text)
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) return ipaddr.IPv6.parse(text)
  return null
}

function canonical(ip: ipaddr.IPv4 | ipaddr.IPv6): string {
  return ip instanceof ipaddr.IPv6 ? ip.toRFC5952String() : ip.toString()
}

/**
 * Reads a unicast IPv4 (dotted decimal, no leading zeros) or IPv6 address (no zone) and prints it canonically (RFC 5952).
 * Unspecified, loopback, multicast, link-local, broadcast and 0.0.0.0/8 addresses are refused: none can be a VIP or a backend.
 */
export function parseAddress(text: string): ParsedAddress | AddressRefusal {
  const ip = parse(text)
  if (!ip) {
    return { code: 'address-invalid', message: 'This is not an IPv4 or IPv6 address.', hint: 'Write it like 203.0.113.7 or 2001:db8::7, without a prefix length or a zone.' }
  }
  const kind = ip instanceof ipaddr.IPv4 && ip.octets[0] === 0 ? 'unspecified' : ip.range()
  const words = refused[kind]
  if (words) return { code: 'address-not-unicast', message: `${canonical(ip)} is ${words}.`, hint: 'Use a unicast address of your network.' }
  return { address: canonical(ip), family: ip.kind() }
}

/** The 4 or 16 bytes of an address that `parseAddress` has accepted. */
export function addressBytes(address: string): number[] {
  return ipaddr.parse(address).toByteArray()
}

/** Family of an address that `parseAddress` has accepted. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

/** Prefix length of a single host: 32 for IPv4, 128 for IPv6. */
export function hostPrefix(address: string): 32 | 128 {
  return familyOf(address) === 'ipv6' ? 128 : 32
}

/** True when `address` lies in the subnet of `network`/`prefix` (bits). Addresses of the other family never do. */
export function inSubnet(address: string, network: string, prefix: number): boolean {
  const ip = parse(address)
  const net = parse(network)
  if (!ip || !net || ip.kind() !== net.kind()) return false
  return ip.match(net, prefix)
}

const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/

/** Reads a unicast MAC address, prints it in lower case with colons; null when it is none (also for 00:00:00:00:00:00). */
export function parseMac(text: string): string | null {
  const mac = text.toLowerCase().replace(/-/g, ':')
  if (!macPattern.test(mac) || mac === '00:00:00:00:00:00') return null
  return (parseInt(mac.slice(0, 2), 16) & 1) === 1 ? null : mac
}
