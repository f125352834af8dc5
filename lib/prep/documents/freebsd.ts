import type { PrepFacts } from '../facts.ts'
import type { Literal } from '../literal.ts'
import { comment, line } from '../node.ts'
import type { PrepChange, PrepScript } from '../prep.ts'
import { documentScript } from './document.ts'

/** VIPs on lo0 of FreeBSD (rc.conf(5): the files of a folder rc.conf.d/netif are read as well; ifconfig(8): `deprecated`). */
export function freebsdDocument(facts: PrepFacts): PrepScript {
  const { key, vips } = facts
  const six = facts.rip.family === 'ipv6'
  const address = (vip: Literal) => (six ? line`inet6 ${vip} prefixlen 128 deprecated` : line`inet ${vip}/32`).text
  const shown = (vip: Literal) => (six ? line`inet6 ${vip} prefixlen 128` : line`inet ${vip} netmask 0xffffffff`).text
  return documentScript(facts, {
    system: 'freebsd',
    filename: line`tangent-freebsd-${key}.conf`,
    title: comment`Direct Server Return with FreeBSD: the virtual addresses on lo0 of a backend. Everything here is run as root.`,
    apply: [
      line`mkdir -p /etc/rc.conf.d/netif`,
      line`install -m 644 tangent-freebsd-${key}.conf /etc/rc.conf.d/netif/tangent-${key}`,
      ...vips.map((vip) => line`ifconfig lo0 ${address(vip)} alias`),
    ],
    check: vips.map((vip) => line`ifconfig lo0 | grep -F '${shown(vip)}'`),
    undo: [line`rm -f /etc/rc.conf.d/netif/tangent-${key}`, ...vips.map((vip) => (six ? line`ifconfig lo0 inet6 ${vip} -alias` : line`ifconfig lo0 inet ${vip} -alias`))],
    notes: [
      comment`- FreeBSD answers ARP and neighbour solicitations only for addresses of the asking interface: no settings, no order to keep.`,
      comment`- Each line of the check must print one line. No script checks FreeBSD, so the console cannot say that this backend is right.`,
      comment`- The mask is always that of one host: a wider one on lo0 takes the whole network away from this machine.`,
      comment`- When /etc/rc.conf.d/netif is a file, append the lines below to it instead.`,
      comment`- The application must listen on the virtual address or on every address (sockstat -l), and the firewall must let it in.`,
    ],
    content: vips.map((vip) => line`ifconfig_lo0_aliases="\${ifconfig_lo0_aliases} ${address(vip)}"`),
    changes: vips.map((vip): PrepChange => ({
      what: `Adds ${vip}/${facts.rip.prefix} to lo0${six ? ', deprecated' : ''}.`,
      why: 'The host takes packets for the VIP. FreeBSD answers for an address only on the interface that has it, so it stays silent about it.',
    })),
  })
}
