import type { FindingCode } from '#lib/domain/doctor/findings.ts'
import type { DoctorSite } from './doctor-site.ts'
import { attach, type Nic } from './nic.ts'
import type { Machine } from './topology.ts'

/** The VIPs of the farms of each family. */
export const vips = { IPv4: '203.0.113.100', IPv6: '2001:db8:113::100' } as const
export type Family = keyof typeof vips

/**
 * A mistake that is made on one backend and mended again: lines of a shell, or more than that. The doctor must find `code` there and
 * nothing anywhere else. `cause` is the mistake itself and must be among the causes, with `fix`; `many`: the wire does not tell it from
 * others. `checked`: what the last check of the preparation, when it is handed in, makes of it: its cause alone.
 */
export type Mistake = {
  row: string
  family: Family
  make: string[] | Work
  mend: string[] | Work
  code: FindingCode
  cause: RegExp
  fix: RegExp
  many?: true
  checked?: RegExp
  /** The check alone sees it. */
  unseen?: true
}

type Work = (site: DoctorSite, machine: Machine, rip: string) => Promise<unknown>

const conf = '/proc/sys/net/ipv4/conf'
const ports = [80, 81]
const add = (family: Family): string => `ip addr add ${vips[family]}/${family === 'IPv4' ? 32 : 128} dev lo${family === 'IPv4' ? '' : ' preferred_lft 0'}`
const del = (family: Family): string => `ip addr del ${vips[family]}/${family === 'IPv4' ? 32 : 128} dev lo`
const firewall = (rule: string): string[] => ['nft add table inet fw', "nft add chain inet fw in '{ type filter hook input priority 0; }'", `nft add rule inet fw in ${rule}`]
const noFirewall = ['nft delete table inet fw']
const both: Family[] = ['IPv4', 'IPv6']
const word = (family: Family): string => (family === 'IPv4' ? 'ip' : 'ip6')

export const mistakes: Mistake[] = [
  { row: 'B: arp_ignore is missing', family: 'IPv4', make: [`echo 0 >${conf}/all/arp_ignore`], mend: [`echo 1 >${conf}/all/arp_ignore`], code: 'vip-leaked', cause: /arp_ignore is not 1 or 2/, fix: /preparation script again with --apply/, many: true, checked: /arp_ignore is 0 in effect on eth0/ },
  {
    row: 'C: arp_announce is missing, and it asks for a machine that it does not know',
    family: 'IPv4',
    make: [`echo 0 >${conf}/all/arp_announce`, `echo | socat - UDP4:203.0.113.199:9,bind=${vips.IPv4}`],
    mend: [`echo 2 >${conf}/all/arp_announce`],
    code: 'vip-sender',
    cause: /arp_announce is not 2/,
    fix: /arp_announce=2/,
    checked: /arp_announce is 0 in effect on eth0/,
  },
  ...both.flatMap((family): Mistake[] => [
    { row: 'D: no application listens', family, make: (site, { name }) => site.serve(name, []), mend: (site, { name }) => site.serve(name, ports), code: 'service-refused', cause: /application does not run/, fix: /ss -lntup/, many: true, checked: /no application listens/ },
    { row: 'E: the VIP is missing', family, make: [del(family)], mend: [add(family)], code: 'vip-silent', cause: /not on its loopback/, fix: /--apply/, many: true, checked: /is not on lo/ },
    {
      row: 'F: the VIP is missing on a router',
      family,
      make: [del(family), `echo 1 >/proc/sys/net/ipv${family === 'IPv4' ? 4 : 6}/conf/all/forwarding`],
      mend: [`echo 0 >/proc/sys/net/ipv${family === 'IPv4' ? 4 : 6}/conf/all/forwarding`, add(family), ...(family === 'IPv6' ? ['ip -6 route replace default via 2001:db8:113::1'] : [])],
      code: 'vip-forwarded',
      cause: /not on its loopback and it routes/,
      fix: /--apply at once/,
      checked: /forwards packets/,
    },
    { row: 'G: the VIP is on the interface', family, make: [del(family), `ip addr add ${vips[family]}/${family === 'IPv4' ? 24 : 64} dev eth0${family === 'IPv4' ? '' : ' nodad'}`], mend: [`ip addr del ${vips[family]}/${family === 'IPv4' ? 24 : 64} dev eth0`, add(family)], code: 'vip-leaked', cause: /VIP is on its network card/, fix: /ip addr del/, many: true, checked: /there this host answers for the VIP/ },
    { row: 'I: the firewall drops the VIP', family, make: firewall(`${word(family)} daddr ${vips[family]} drop`), mend: noFirewall, code: 'vip-silent', cause: /firewall drops packets for the VIP/, fix: /nft list ruleset/, many: true, checked: /firewall/ },
    { row: 'I: the firewall drops the ports of the VIP', family, make: firewall(`${word(family)} daddr ${vips[family]} tcp dport 80-81 drop`), mend: noFirewall, code: 'vip-filtered', cause: /firewall drops port 80/, fix: /accept port 80/ },
    { row: 'I: the firewall resets the ports of the VIP', family, make: firewall(`${word(family)} daddr ${vips[family]} tcp dport 80-81 reject with tcp reset`), mend: noFirewall, code: 'vip-refused', cause: /firewall rejects port 80/, fix: /Accept port 80/, many: true, checked: /firewall/ },
    { row: 'I: the firewall forbids the VIP', family, make: firewall(`${word(family)} daddr ${vips[family]} tcp dport 80-81 reject with ${family === 'IPv4' ? 'icmp' : 'icmpv6'} type admin-prohibited`), mend: noFirewall, code: 'vip-rejected', cause: /firewall answers port 80/, fix: /Accept port 80/ },
    { row: 'I: the firewall drops the service everywhere', family, make: firewall('tcp dport 80-81 drop'), mend: noFirewall, code: 'service-silent', cause: /firewall drops port 80/, fix: /accept port 80/, many: true, checked: /firewall/ },
    { row: 'J: the application listens on the own address alone', family, make: (site, { name }, rip) => site.serve(name, ports.map((port) => `${rip}/${port}` as const)), mend: (site, { name }) => site.serve(name, ports), code: 'vip-refused', cause: /listens on \S+ alone/, fix: /every address/, many: true, checked: /listens on \S+ alone/ },
    { row: 'L: the gateway is the appliance', family, make: [`ip ${family === 'IPv4' ? '' : '-6'} route replace default via ${family === 'IPv4' ? '203.0.113.2' : '2001:db8:113::2'}`], mend: [`ip ${family === 'IPv4' ? '' : '-6'} route replace default via ${family === 'IPv4' ? '203.0.113.1' : '2001:db8:113::1'}`], code: 'reply-returns', cause: /default gateway is the appliance/, fix: /ip route replace default via ROUTER/, checked: /which is the appliance/ },
    { row: 'one port has no application', family, make: (site, { name }) => site.serve(name, [80]), mend: (site, { name }) => site.serve(name, ports), code: 'ports-missing', cause: /No application listens on port 81/, fix: /port 81/, many: true, checked: /no application listens/ },
    { row: 'the network takes smaller packets only', family, make: (site, { nic }) => setPortMtu(site, nic, 1400), mend: (site, { nic }) => setPortMtu(site, nic, 1500), code: 'mtu', cause: /switch or virtual network/, fix: /MTU/, many: true },
  ]),
  { row: 'H: /24 on lo', family: 'IPv4', make: [del('IPv4'), `ip addr add ${vips.IPv4}/24 dev lo`], mend: [`ip addr del ${vips.IPv4}/24 dev lo`, add('IPv4')], code: 'deaf', cause: /wider than \/32/, fix: /ip addr del 203\.0\.113\.100\/24 dev lo/, many: true, checked: /takes the whole network away/ },
  { row: 'H: /64 on lo', family: 'IPv6', make: [del('IPv6'), `ip addr add ${vips.IPv6}/64 dev lo`], mend: [`ip addr del ${vips.IPv6}/64 dev lo`, add('IPv6')], code: 'preparation-failed', cause: /takes the whole network away/, fix: /ip addr del/, unseen: true },
  {
    row: 'K: strict rp_filter, replies to the own network leave by another card',
    family: 'IPv4',
    make: async (site, machine, rip) => {
      await attach(machine.namespace, 'eth1', machine.nic.network, [], [])
      await site.sh(machine, `ip route del 203.0.113.0/24 dev eth0; ip route add 203.0.113.0/24 dev eth1 src ${rip}; ip route replace default via 203.0.113.1 dev eth1; echo 1 >${conf}/eth0/rp_filter`)
    },
    mend: (site, machine, rip) => site.sh(machine, `echo 0 >${conf}/eth0/rp_filter; ip link del eth1; ip route add 203.0.113.0/24 dev eth0 src ${rip}; ip route replace default via 203.0.113.1`),
    code: 'deaf',
    cause: /rp_filter is strict/,
    fix: /echo 2 >/,
    many: true,
    checked: /rp_filter is 1/,
  },
  {
    row: 'K: strict rp_filter, replies to other networks leave by another card',
    family: 'IPv4',
    make: async (site, machine) => {
      await attach(machine.namespace, 'eth1', machine.nic.network, ['192.0.2.21/24'], [])
      await site.sh(machine, `ip route replace default via 192.0.2.1; echo 1 >${conf}/eth0/rp_filter`)
    },
    mend: (site, machine) => site.sh(machine, `echo 0 >${conf}/eth0/rp_filter; ip link del eth1; ip route replace default via 203.0.113.1`),
    code: 'preparation-failed',
    cause: /rp_filter is 1/,
    fix: /echo 2 >/,
    unseen: true,
  },
  { row: 'M: arp_ignore 3 on the interface', family: 'IPv4', make: [`echo 3 >${conf}/eth0/arp_ignore`], mend: [`echo 0 >${conf}/eth0/arp_ignore`], code: 'vip-leaked', cause: /arp_ignore is not 1 or 2/, fix: /must go back to 0/, many: true, checked: /arp_ignore of eth0 itself is 3/ },
  { row: 'M: arp_ignore 8 on the interface', family: 'IPv4', make: [`echo 8 >${conf}/eth0/arp_ignore`], mend: [`echo 0 >${conf}/eth0/arp_ignore`], code: 'off-network', cause: /arp_ignore is 8/, fix: /echo 0 >/, many: true, checked: /arp_ignore of eth0 itself is 8/ },
  {
    row: 'N: the VIP is a duplicate on the interface',
    family: 'IPv6',
    make: [del('IPv6'), `ip addr add ${vips.IPv6}/64 dev eth0`, 'for i in $(seq 50); do ip -6 addr show dev eth0 dadfailed | grep -q . && break; sleep 0.1; done', 'ip -6 addr show dev eth0 dadfailed | grep -q .'],
    mend: [`ip addr del ${vips.IPv6}/64 dev eth0`, add('IPv6')],
    code: 'vip-silent',
    cause: /duplicate/,
    fix: /ip addr del/,
    many: true,
    checked: /a duplicate/,
  },
]

/** A port of the switch that takes no larger packets. */
async function setPortMtu(site: DoctorSite, nic: Nic, mtu: number): Promise<void> {
  await site.topology.run({ name: 'switch', namespace: nic.network, nic }, ['ip', 'link', 'set', nic.port, 'mtu', String(mtu)])
}

export function carryOut(site: DoctorSite, machine: Machine, rip: string, work: string[] | Work): Promise<unknown> {
  return typeof work === 'function' ? work(site, machine, rip) : site.sh(machine, work.join('\n'))
}
