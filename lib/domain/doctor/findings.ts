import type { Family } from '../address.ts'
import type { Severity } from '../fault.ts'

/**
 * A possible cause and what mends it. `items`: the checks of a preparation script that fail when it is this one. `only`: the family of
 * the VIP for which it is possible. In texts, {vip}, {rip}, {mac}, {other}, {ports}, {interface} and {bytes} stand for what was seen.
 */
export type Cause = { cause: string; fix: string; items?: readonly string[]; only?: Family }

/** `next`: how to tell the causes apart where no check of a preparation does. */
export type FindingKind = { severity: Severity; title: string; causes: readonly Cause[]; next?: string }

const firewall = { items: ['firewall', 'firewall-block'] } as const
const vipMissing = ['vip-on-lo', 'vip-on-loopback', 'redirect-rule', 'ipv6-disabled', 'adapter'] as const
const onCard = ['vip-elsewhere'] as const

/**
 * Everything that the doctor may find, by code. Several causes: nothing on the network tells them apart. One that can be told, by
 * the last check of the preparation for instance, stands alone in the finding.
 */
export const findingKinds = {
  'address-duplicate': {
    severity: 'critical',
    title: 'Two MAC addresses answer for the address of the backend',
    next: '"ip -br link" on the backend shows its MAC addresses: when both are there, it is one machine.',
    causes: [
      { cause: 'Another machine uses {rip} too: {other} answer.', fix: 'Find the machine that should not have it by its MAC address in the table of the switch, and give it another address.' },
      { cause: 'It has two cards in this network, and each answers for the addresses of the other: {other}.', fix: 'On the backend: "sysctl -w net.ipv4.conf.all.arp_ignore=1", and write it to /etc/sysctl.d; or take one card out of this network.', only: 'ipv4' },
    ],
  },
  'deaf': {
    severity: 'critical',
    title: 'It is on the network and answers nothing',
    causes: [
      { cause: 'A VIP has a prefix wider than /32 on its loopback, so that it takes its whole network for itself.', fix: 'On the backend: "ip addr show dev lo"; remove it with "ip addr del {vip}/24 dev lo", then run its preparation script again with --apply.', items: ['vip-wide'], only: 'ipv4' },
      { cause: 'Its firewall drops everything that comes from the appliance.', fix: 'On the backend: "nft list ruleset"; accept what comes for {vip} on port {ports}, and ICMP echo.', ...firewall },
      { cause: 'It has two network cards, replies leave by the other one, and rp_filter is strict: the kernel drops what comes in.', fix: 'On the backend: "nstat -az TcpExtIPReversePathFilter" counts them; "echo 2 > /proc/sys/net/ipv4/conf/NIC/rp_filter" for the card that the packets come in by.', items: ['reverse-path'], only: 'ipv4' },
      { cause: 'It has a wrong netmask or route for this network, so its replies go elsewhere.', fix: 'On the backend: "ip route get" with the address of the appliance must name the card of this network.' },
    ],
  },
  'mac-differs': {
    severity: 'critical',
    title: 'It answers from another MAC address than the one in use',
    causes: [
      { cause: 'Its network card was replaced, or the MAC address in the farm is wrong: {rip} answers from {other}, and traffic goes to {mac}.', fix: 'Enter {other} as the MAC address of this backend, or leave the field empty so that the appliance finds it.' },
    ],
  },
  'mtu': {
    severity: 'warning',
    title: 'Large packets do not arrive',
    next: '"ip link show" on the backend shows the MTU of its card; when that is not smaller, it is the way.',
    causes: [
      { cause: 'Its network card has a smaller MTU than the appliance.', fix: 'On the backend: "ip link show"; set the MTU of {interface} with "ip link set NIC mtu" and in its network configuration.' },
      { cause: 'A switch or virtual network between them takes smaller packets only.', fix: 'Raise the MTU of every port and network on the way, or lower that of {interface} on the appliance and of its clients.' },
    ],
  },
  'not-in-rules': {
    severity: 'critical',
    title: 'The kernel sends it nothing',
    causes: [{ cause: 'The rules in the kernel are not those of the farm: something else changed them, or they could not be applied.', fix: 'Look at the faults of the appliance. The agent puts the rules right within seconds; if this stays, find what else changes the ruleset, such as a firewall script with "flush ruleset".' }],
  },
  'off-network': {
    severity: 'critical',
    title: 'It does not answer on the network',
    causes: [
      { cause: 'It is off, its cable or VLAN is wrong, or nobody has the address {rip}.', fix: 'Check the machine, its port at the switch and its VLAN, and the address of the backend in the farm.' },
      { cause: 'arp_ignore is 8 there, so it answers for none of its addresses.', fix: 'On the backend: "echo 0 > /proc/sys/net/ipv4/conf/NIC/arp_ignore", and take it out of /etc/sysctl.d.', items: ['arp-ignore', 'arp-ignore-interface'], only: 'ipv4' },
      { cause: 'Its firewall drops neighbour solicitations.', fix: 'Let its firewall accept ICMPv6 types 133 to 136.', only: 'ipv6' },
    ],
  },
  'off-subnet': {
    severity: 'critical',
    title: 'It is outside the network of the interface',
    causes: [{ cause: '{rip} is in no subnet of {interface}, so its frames cannot be addressed.', fix: "Give it an address in the interface's subnet, or use mode snat or dnat." }],
  },
  'ports-missing': {
    severity: 'warning',
    title: 'It does not answer at every port',
    causes: [
      { cause: 'No application listens on port {ports} there.', fix: 'Start it on port {ports} of every address or of {vip}; ports are not translated. "ss -lntup" shows who listens.', items: ['listener', 'listener-elsewhere'] },
      { cause: 'Its firewall keeps port {ports} closed.', fix: 'Accept port {ports} to {vip} before anything drops it.', ...firewall },
    ],
  },
  'preparation-failed': { severity: 'warning', title: 'The check of its preparation failed', causes: [] },
  'reply-returns': {
    severity: 'critical',
    title: 'Its replies go to the appliance',
    causes: [{ cause: 'Its default gateway is the appliance, which drops replies because their source is its own VIP: clients of other networks get none.', fix: 'On the backend: "ip route replace default via ROUTER" with the router of this network, and change it in its network configuration.', items: ['gateway'] }],
  },
  'rip-apart': {
    severity: 'warning',
    title: 'The VIP answers and its own address does not',
    next: '"ss -lntup" on the backend shows who listens where.',
    causes: [
      { cause: 'The application listens on the VIP alone.', fix: 'Traffic works. Let it listen on every address, or let the monitor of the farm ask the VIP alone (paths: vip).' },
      { cause: 'Its firewall keeps {rip} closed and the VIP open.', fix: 'Traffic works. Accept port {ports} to {rip} from the appliance, or let the monitor ask the VIP alone (paths: vip).' },
    ],
  },
  'service-refused': {
    severity: 'warning',
    title: 'Nothing listens there',
    causes: [
      { cause: 'The application does not run, or listens on another port than {ports}.', fix: 'Start it on port {ports}; "ss -lntup" on the backend shows who listens. In mode dsr ports are not translated.', items: ['listener'] },
      { cause: 'Its firewall rejects port {ports} with a reset.', fix: 'Accept port {ports} before anything rejects it.', ...firewall },
    ],
  },
  'service-rejected': {
    severity: 'warning',
    title: 'A firewall rejects the service',
    causes: [{ cause: 'A firewall answers port {ports} with "unreachable".', fix: 'Accept port {ports} on the backend, or on the firewall on the way, before anything rejects it.', ...firewall }],
  },
  'service-silent': {
    severity: 'warning',
    title: 'The machine answers and the service does not',
    causes: [
      { cause: 'Its firewall drops port {ports}.', fix: 'On the backend: "nft list ruleset"; accept port {ports} before anything drops it.', ...firewall },
      { cause: 'The application hangs or is overloaded.', fix: 'Look at its log and at "ss -lnt": a full queue (Recv-Q above Send-Q) means that it takes no connections.' },
    ],
  },
  'service-wrong': {
    severity: 'warning',
    title: 'The service answers something else than the monitor expects',
    causes: [{ cause: 'The application fails, or the monitor expects something else than it answers.', fix: 'Ask the backend yourself at {rip}, port {ports}; look at its log, and compare with the monitor of the farm.' }],
  },
  'vip-filtered': {
    severity: 'warning',
    title: 'It has the VIP and a firewall drops the service there',
    causes: [{ cause: 'Its firewall drops port {ports} to {vip}.', fix: 'On the backend: accept port {ports} to {vip} before anything drops it; "nft list ruleset" shows the rules.', ...firewall }],
  },
  'vip-forwarded': {
    severity: 'critical',
    title: 'It sends packets for the VIP back',
    causes: [{ cause: 'The VIP is not on its loopback and it routes: requests go round between it and the appliance until they die.', fix: 'Run its preparation script with --apply at once. Forwarding may stay on.', items: ['vip-forwarded'] }],
  },
  'vip-leaked': {
    severity: 'critical',
    title: 'It answers for the VIP',
    causes: [
      { cause: 'arp_ignore is not 1 or 2 in effect on its network card, so it answers ARP for the VIP on its loopback.', fix: 'Run its preparation script again with --apply, or "sysctl -w net.ipv4.conf.all.arp_ignore=1"; a card with a value of its own (3 or 8) must go back to 0.', items: ['arp-ignore', 'arp-ignore-interface'], only: 'ipv4' },
      { cause: 'The VIP is on its network card.', fix: 'On the backend: "ip addr show"; remove {vip} from the card with "ip addr del", take it out of the network configuration, and run its preparation script with --apply.', items: onCard },
      { cause: 'It answers for others (proxy_ndp).', fix: 'On the backend: "ip -6 neigh show proxy"; remove the entry of {vip}.', only: 'ipv6' },
    ],
  },
  'vip-own-card': {
    severity: 'critical',
    title: 'Another card of the appliance answers for the VIP',
    causes: [
      { cause: '{other} is in the same network as {interface}, and the kernel answers on every card for each address that it has: whoever hears it sends the VIP to {other}, past the farm.', fix: 'On the appliance: "sysctl -w net.ipv4.conf.all.arp_ignore=1", and write it to /etc/sysctl.d; or take {other} out of this network.' },
    ],
  },
  'vip-refused': {
    severity: 'warning',
    title: 'The application does not listen at the VIP',
    causes: [
      { cause: 'The application listens on {rip} alone.', fix: 'Let it listen on every address (0.0.0.0 or ::) or on {vip}, and restart it; or prepare the backend with the redirect script.', items: ['listener-elsewhere', 'listener'] },
      { cause: 'Its firewall rejects port {ports} to {vip} and not to {rip}.', fix: 'Accept port {ports} to {vip} before anything rejects it.', ...firewall },
    ],
  },
  'vip-rejected': {
    severity: 'warning',
    title: 'A firewall rejects packets for the VIP',
    causes: [{ cause: 'Its firewall answers port {ports} of {vip} with "unreachable".', fix: 'Accept port {ports} to {vip} before anything rejects it.', ...firewall }],
  },
  'vip-sender': {
    severity: 'critical',
    title: 'It asks in the name of the VIP',
    causes: [
      { cause: 'arp_announce is not 2 in effect on its network card: whoever hears its questions sends the VIP to it, past the appliance.', fix: 'Run its preparation script again with --apply, or "sysctl -w net.ipv4.conf.all.arp_announce=2".', items: ['arp-announce'], only: 'ipv4' },
      { cause: 'The VIP is on its network card.', fix: 'On the backend: "ip addr show"; remove {vip} from the card with "ip addr del", and run its preparation script with --apply.', items: onCard, only: 'ipv6' },
    ],
  },
  'vip-silent': {
    severity: 'warning',
    title: 'It does not take packets for the VIP',
    causes: [
      { cause: 'The VIP is not on its loopback.', fix: 'Run its preparation script again with --apply.', items: vipMissing },
      { cause: 'Its firewall drops packets for the VIP.', fix: 'On the backend: "nft list ruleset"; accept port {ports} to {vip} before anything drops it.', ...firewall },
      { cause: 'It has two network cards and rp_filter is strict: the kernel drops what comes in by another card than replies leave by.', fix: 'On the backend: "echo 2 > /proc/sys/net/ipv4/conf/NIC/rp_filter" for the card that the packets come in by, and in /etc/sysctl.d.', items: ['reverse-path'], only: 'ipv4' },
      { cause: 'The VIP is on its network card, where it is a duplicate of that of the appliance (dadfailed) and not used.', fix: 'On the backend: "ip -6 addr show dadfailed"; remove {vip} from the card with "ip addr del", and run its preparation script with --apply.', items: ['vip-duplicate', 'vip-state'], only: 'ipv6' },
      { cause: 'It runs Windows, and weak host receive or send is not enabled.', fix: 'Run its preparation script again with -Mode Apply.', items: ['weak-host-receive', 'weak-host-send'] },
    ],
  },
  'vip-stranger': {
    severity: 'critical',
    title: 'Another machine speaks in the name of the VIP',
    causes: [
      { cause: 'A machine that is no backend of this farm has {vip}, or answers for it.', fix: 'Find {mac} in the table of the switch and take {vip} from that machine; if it is to serve this farm, add it as a backend and prepare it.' },
    ],
  },
  'vip-wrong': {
    severity: 'warning',
    title: 'It answers something else at the VIP than at its own address',
    causes: [{ cause: 'The application treats the two addresses differently, by a virtual host or a certificate for instance.', fix: 'Let it serve {vip} like {rip}, or set the host of the monitor.' }],
  },
} as const satisfies Record<string, FindingKind>

export type FindingCode = keyof typeof findingKinds
