import type { Reached } from './prep-reach.ts'

/**
 * A mistake on a machine that was right, made by `steps` of a shell; `end` takes back what they did beside it. The check must find
 * `wrong` and nothing else; where that is two items, the second follows from the first. It is mended by --apply; by the command that
 * --apply prints when it refuses, and --apply again; or by the command in the check's fix.
 */
export type Mistake = {
  what: string
  family: 'IPv4' | 'IPv6'
  steps: string[]
  end?: string[]
  wrong: string[]
  /** What a client of another network meets then, and one of the machine's own network, when it is something else. */
  far: Reached
  near?: Reached
  /** The machine betrays the VIP to its network. */
  leaks?: true
  /** What comes for the VIP is sent back. */
  returns?: true
  mended: 'by --apply' | 'by what --apply prints' | 'by what the check prints'
}

const conf = '/proc/sys/net/ipv4/conf'

/** Rows of the catalogue of mistakes that a step of a shell makes. */
export const mistakes: Mistake[] = [
  { what: 'B: arp_ignore is missing', family: 'IPv4', steps: [`echo 0 >${conf}/all/arp_ignore`], wrong: ['fail arp-ignore eth0 0'], far: 'answers', leaks: true, mended: 'by --apply' },
  { what: 'B: arp_ignore 3 on all interfaces', family: 'IPv4', steps: [`echo 3 >${conf}/all/arp_ignore`], wrong: ['fail arp-ignore eth0 3'], far: 'answers', leaks: true, mended: 'by --apply' },
  { what: 'C: arp_announce is missing', family: 'IPv4', steps: [`echo 0 >${conf}/all/arp_announce`], wrong: ['fail arp-announce eth0 0'], far: 'answers', leaks: true, mended: 'by --apply' },
  { what: 'C: arp_announce 1', family: 'IPv4', steps: [`echo 1 >${conf}/all/arp_announce`], wrong: ['fail arp-announce eth0 1'], far: 'answers', leaks: true, mended: 'by --apply' },
  { what: 'E: the VIP is missing', family: 'IPv4', steps: ['ip addr del 10.9.0.100/32 dev lo'], wrong: ['fail vip-on-lo 10.9.0.100'], far: 'silence', mended: 'by --apply' },
  { what: 'E: the VIP is missing', family: 'IPv6', steps: ['ip addr del fd09::100/128 dev lo'], wrong: ['fail vip-on-lo fd09::100'], far: 'silence', mended: 'by --apply' },
  { what: 'F: the VIP is missing on a router', family: 'IPv4', steps: ['ip addr del 10.9.0.100/32 dev lo', 'echo 1 >/proc/sys/net/ipv4/ip_forward'], end: ['echo 0 >/proc/sys/net/ipv4/ip_forward'], wrong: ['fail vip-forwarded 10.9.0.100 forwarding is 1 on all'], far: 'silence', returns: true, mended: 'by --apply' },
  { what: 'F: the VIP is missing on a router', family: 'IPv6', steps: ['ip addr del fd09::100/128 dev lo', 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'], end: ['echo 0 >/proc/sys/net/ipv6/conf/all/forwarding'], wrong: ['fail vip-forwarded fd09::100 forwarding is 1 on all'], far: 'silence', returns: true, mended: 'by --apply' },
  { what: 'F: the VIP is missing where one interface forwards', family: 'IPv4', steps: ['ip addr del 10.9.0.100/32 dev lo', `echo 1 >${conf}/eth0/forwarding`], end: [`echo 0 >${conf}/eth0/forwarding`], wrong: ['fail vip-forwarded 10.9.0.100 forwarding is 1 on eth0'], far: 'silence', returns: true, mended: 'by --apply' },
  { what: 'G: the VIP is on the interface instead', family: 'IPv4', steps: ['ip addr del 10.9.0.100/32 dev lo', 'ip addr add 10.9.0.100/24 dev eth0'], wrong: ['fail vip-elsewhere 10.9.0.100 24 dev eth0'], far: 'answers', leaks: true, mended: 'by what --apply prints' },
  { what: 'G: the VIP is on the interface too', family: 'IPv4', steps: ['ip addr add 10.9.0.100/32 dev eth0'], wrong: ['fail vip-elsewhere 10.9.0.100 32 dev eth0'], far: 'answers', leaks: true, mended: 'by what the check prints' },
  { what: 'G: the VIP is on the interface too', family: 'IPv6', steps: ['ip addr add fd09::100/64 dev eth0 nodad'], wrong: ['fail vip-elsewhere fd09::100 64 dev eth0'], far: 'answers', leaks: true, mended: 'by what --apply prints' },
  { what: 'H: /24 on lo instead', family: 'IPv4', steps: ['ip addr del 10.9.0.100/32 dev lo', 'ip addr add 10.9.0.100/24 dev lo'], wrong: ['fail vip-wide 10.9.0.100 24 dev lo'], far: 'answers', near: 'silence', mended: 'by what --apply prints' },
  { what: 'H: /24 on lo too', family: 'IPv4', steps: ['ip addr add 10.9.0.100/24 dev lo'], wrong: ['fail vip-wide 10.9.0.100 24 dev lo'], far: 'answers', near: 'silence', mended: 'by what the check prints' },
  { what: 'H: /64 on lo instead', family: 'IPv6', steps: ['ip addr del fd09::100/128 dev lo', 'ip addr add fd09::100/64 dev lo'], wrong: ['fail vip-wide fd09::100 64 dev lo'], far: 'answers', mended: 'by what --apply prints' },
  // The VIP goes with it.
  { what: 'IPv6 is disabled on lo', family: 'IPv6', steps: ['echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6'], wrong: ['fail ipv6-disabled lo 1', 'fail vip-on-lo fd09::100'], far: 'silence', mended: 'by what --apply prints' },
  { what: 'L: the gateway is the appliance', family: 'IPv4', steps: ['ip route replace default via 10.9.0.2'], wrong: ['fail gateway 10.9.0.2 eth0'], far: 'silence', near: 'answers', mended: 'by what the check prints' },
  { what: 'L: the gateway is the appliance', family: 'IPv6', steps: ['ip -6 route replace default via fd09::2'], wrong: ['fail gateway fd09::2 eth0'], far: 'silence', near: 'answers', mended: 'by what the check prints' },
  { what: 'M: arp_ignore 3 on the interface', family: 'IPv4', steps: [`echo 3 >${conf}/eth0/arp_ignore`], wrong: ['fail arp-ignore-interface eth0 3'], far: 'answers', leaks: true, mended: 'by what --apply prints' },
  // When the machine asks for its router's MAC address, that one learns the machine's.
  { what: 'M: arp_ignore 8 on the interface', family: 'IPv4', steps: ['ip neigh change 10.9.0.1 dev eth0 nud permanent', `echo 8 >${conf}/eth0/arp_ignore`], end: ['ip neigh change 10.9.0.1 dev eth0 nud reachable'], wrong: ['fail arp-ignore-interface eth0 8'], far: 'silence', mended: 'by what the check prints' },
]
