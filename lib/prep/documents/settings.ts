import type { PrepFacts } from '../facts.ts'
import { comment, line } from '../node.ts'
import type { Comment, ConfigLine } from '../node.ts'
import { checkNote } from './document.ts'

/** Commands that set the ARP settings now and at every boot; they go before any address. IPv6 needs none. */
export function settingsFirst(facts: PrepFacts): ConfigLine[] {
  if (facts.rip.family === 'ipv6') return []
  return [
    line`printf '%s\n' 'net.ipv4.conf.all.arp_ignore = 1' 'net.ipv4.conf.all.arp_announce = 2' | sudo tee /etc/sysctl.d/90-direct-server-return.conf`,
    line`sudo sysctl -p /etc/sysctl.d/90-direct-server-return.conf`,
  ]
}

/** Commands that take the addresses off lo, whatever the tool left there, and only then the ARP settings back. */
export function settingsLast(facts: PrepFacts): ConfigLine[] {
  const six = facts.rip.family === 'ipv6'
  const addresses = facts.vips.map((vip) => (six ? line`sudo ip -6 addr flush dev lo to ${vip}/128` : line`sudo ip -4 addr flush dev lo to ${vip}/32`))
  if (six) return addresses
  return [...addresses, line`sudo rm -f /etc/sysctl.d/90-direct-server-return.conf`, line`sudo sysctl -w net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0`]
}

function settingsNotes(facts: PrepFacts): Comment[] {
  if (facts.rip.family === 'ipv6') return [comment`- IPv6 needs no kernel settings: Linux answers neighbour solicitations only for addresses of the asking interface.`]
  return [
    comment`- The two settings come first and go last: an address without them takes the clients away from the appliance.`,
    comment`- 0 and 0 are what Linux begins with. Look with "sysctl net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce" before you`,
    comment`  begin; when there were others, put those back. Leave them while another backend address of this machine needs them.`,
    comment`- An interface with a larger value of its own beats "all" (arp_ignore 3 leaks the VIP); the check says so.`,
  ]
}

/** What holds for every tool that systemd starts: the check, the settings, and the order at boot. */
export function linuxNotes(facts: PrepFacts): Comment[] {
  return [checkNote, ...settingsNotes(facts), ...(facts.rip.family === 'ipv6' ? [] : bootNotes)]
}

const bootNotes = [
  comment`- At boot systemd-sysctl.service loads the settings before this adds the addresses (as Debian 12 orders its units; look with`,
  comment`  "systemctl show -p After" elsewhere). The Linux script is stricter: it is done before any interface is configured.`,
]
