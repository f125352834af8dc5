import type { PrepFacts } from './facts.ts'
import type { PrepChange } from './prep.ts'

/** The kernel settings that every Linux backend with a VIP on lo needs, and why. IPv6 needs none. */
export function settingChanges(facts: PrepFacts): PrepChange[] {
  if (facts.rip.family === 'ipv6') return []
  return [
    { what: 'Sets net.ipv4.conf.all.arp_ignore to 1, before any address.', why: 'The host answers ARP only for addresses of the asking interface. Otherwise it takes the clients away from the appliance.' },
    { what: 'Sets net.ipv4.conf.all.arp_announce to 2, before any address.', why: 'ARP requests of the host never carry the VIP as sender. Otherwise routers learn it from them, and balancing dies silently.' },
  ]
}

/** The VIPs on lo, one by one, and why. Not every way of adding an IPv6 address can make it a deprecated one. */
export function addressChanges(facts: PrepFacts, { deprecated = true } = {}): PrepChange[] {
  const six = facts.rip.family === 'ipv6'
  return facts.vips.map((vip) => ({
    what: `Adds ${vip}/${facts.rip.prefix} to lo${six && deprecated ? ', deprecated (preferred_lft 0)' : ''}.`,
    why: six
      ? 'The host takes packets for the VIP. Linux answers neighbour solicitations only for addresses of the asking interface, so it stays silent about it.'
      : 'The host takes packets for the VIP. Only /32 is safe: a wider prefix on lo takes the whole network away from the host.',
  }))
}
