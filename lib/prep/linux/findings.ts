import type { Findings } from '../finding.ts'
import { block } from '../node.ts'

/** The findings that every preparation script in sh can make, because they do not depend on how the VIP is taken. */
export const sharedFindings = {
  address: {
    ok: block`{subject} is an address of this machine.`,
    fail: block`{subject} is no address of this machine: this script is for another backend.`,
    fix: block`Take the script of the backend with an address of this machine.`,
  },
  listener: {
    ok: block`{subject}: an application listens.`,
    fail: block`{subject}: no application listens, so clients are refused.`,
    warn: block`{subject}: nobody can tell from here whether an application listens: {found}.`,
    fix: block`Start the application on that port of the VIP or of every address; ports are not translated. This shows who listens: ss -lntup`,
    look: block`Look who listens: ss -lntup. It must be {vip} or every address.`,
  },
  'listener-every-address': {
    warn: block`{subject}: an application listens on every address, and only some of these answer a datagram from the address that it came to.`,
    look: block`Bind it to {vip} where it allows that, and ask it from a client: an answer from another address than {vip} is thrown away there.`,
  },
  'listener-elsewhere': {
    fail: block`{subject}: the application listens on {found} alone, so clients of {vip} are refused.`,
    fix: block`Let it listen on {vip} or on every address (0.0.0.0; :: if it takes IPv4 as well), and restart it. If it cannot, prepare this machine with the redirect script instead.`,
  },
  firewall: {
    ok: block`{subject}: the firewall lets new clients in.`,
    fail: block`{subject}: the firewall keeps clients out: {found}`,
    warn: block`{subject}: it is not certain that the firewall lets every client in: {found}`,
    fix: block`Accept {protocol} to {vip}, port {ports}, before anything drops it. nft: {protocol} dport { {ports} } accept. ufw: ufw allow proto {protocol} to {vip} port {ports} (a range as 8000:8010). firewalld: firewall-cmd --permanent --add-port=PORT/{protocol}, then firewall-cmd --reload.`,
    look: block`Run this check as root, or look at the rules: nft list ruleset; iptables-save; ip6tables-save. {protocol} from everywhere to {vip}, port {ports}, must be accepted before anything drops it.`,
  },
  'reverse-path': {
    ok: block`rp_filter is {found} in effect on {subject}, so the kernel takes packets of far clients there.`,
    fail: block`rp_filter is {found} in effect on {subject}, but replies leave by another interface: the kernel drops packets of far clients without a word.`,
    fix: block`Set it to 2 (loose): echo 2 > /proc/sys/net/ipv4/conf/{subject}/rp_filter - and in /etc/sysctl.d for every boot.`,
  },
  gateway: {
    ok: block`Replies leave through {subject} ({found}), not through the appliance.`,
    fail: block`Replies leave through {subject}, which is the appliance: it drops them, because their source is its own VIP.`,
    warn: block`There is no default route, so clients of other networks get no reply.`,
    fix: block`Make the router of this network the default gateway, not the appliance: ip route replace default via ROUTER - and change it in the network configuration.`,
    look: block`If clients are in other networks, add the router of this one: ip route add default via ROUTER - and to the network configuration.`,
  },
  'gateway-unknown': {
    warn: block`Replies leave through {subject} ({found}). Whether that is the appliance is not known: the console had lost sight of it when it made this script.`,
    look: block`Make sure that {subject} is not the appliance, or take the script again.`,
  },
  persistence: {
    ok: block`After a reboot this machine is prepared again: {found}.`,
    warn: block`After a reboot this machine is not prepared: {found}.`,
    fix: block`Run this script with --apply. Where neither systemd nor OpenRC runs, let the system run it with --apply --no-persist at boot.`,
  },
  namespace: {
    warn: block`This is a network namespace of its own (a container?), which ends with its last process: the next one has to be prepared again.`,
    fix: block`Let what starts it prepare it as well, before the application: with this script and --apply, or as the document for containers says.`,
  },
  'vip-proxied': {
    fail: block`This host answers for {subject} as a proxy ({found}), and takes the clients from the appliance.`,
    fix: block`Remove it: ip neigh del proxy {subject} {found} - and take it out of the configuration that made it.`,
  },
} as const satisfies Findings

/** Every check of the Linux script. */
export const linuxFindings: Findings = {
  address: sharedFindings.address,
  'ipv6-disabled': {
    fail: block`IPv6 is disabled on {subject}, so the VIP cannot be there.`,
    fix: block`Enable it: echo 0 > /proc/sys/net/ipv6/conf/{subject}/disable_ipv6 - and take disable_ipv6 out of /etc/sysctl.d and of the kernel command line.`,
  },
  'vip-on-lo': {
    ok: block`{subject} is on lo, so this host takes the packets that the appliance passes on.`,
    fail: block`{subject} is not on lo, so packets for it are dropped.`,
    fix: block`Run this script with --apply.`,
  },
  'vip-forwarded': {
    fail: block`{subject} is not on lo while this host forwards packets ({found}): those for it go round and round between here and the appliance.`,
    fix: block`Run this script with --apply at once; forwarding may stay on.`,
  },
  'vip-elsewhere': {
    fail: block`{subject}/{found}: there this host answers for the VIP and takes the clients from the appliance.`,
    fix: block`Remove it: ip addr del {subject}/{found} - and take it out of the configuration of that interface, then run this script with --apply.`,
  },
  'vip-wide': {
    fail: block`{subject}/{found}: every prefix but that of one address takes the whole network away from this host.`,
    fix: block`Remove it: ip addr del {subject}/{found} - then run this script with --apply.`,
  },
  'vip-duplicate': {
    fail: block`{subject}/{found}: a duplicate (dadfailed), because the appliance has it too; this host takes no packets for it.`,
    fix: block`Remove it: ip addr del {subject}/{found} - and take it out of the configuration of that interface, then run this script with --apply.`,
  },
  'vip-proxied': sharedFindings['vip-proxied'],
  'arp-ignore': {
    ok: block`arp_ignore is {found} in effect on {subject}, so the VIP is not answered by ARP.`,
    fail: block`arp_ignore is {found} in effect on {subject}; it must be 1 or 2, or this host answers for the VIP.`,
    fix: block`Run this script with --apply.`,
  },
  'arp-ignore-interface': {
    fail: block`arp_ignore of {subject} itself is {found}, which beats the value for all interfaces: with 3 this host answers for the VIP, with 8 for nothing.`,
    fix: block`Set it back: echo 0 > /proc/sys/net/ipv4/conf/{subject}/arp_ignore - and take it out of /etc/sysctl.d.`,
  },
  'arp-announce': {
    ok: block`arp_announce is {found} in effect on {subject}, so ARP requests never carry the VIP.`,
    fail: block`arp_announce is {found} in effect on {subject}; it must be 2, or this host announces the VIP in its ARP requests.`,
    fix: block`Run this script with --apply.`,
  },
  listener: sharedFindings.listener,
  'listener-every-address': sharedFindings['listener-every-address'],
  'listener-elsewhere': sharedFindings['listener-elsewhere'],
  firewall: sharedFindings.firewall,
  'reverse-path': sharedFindings['reverse-path'],
  gateway: sharedFindings.gateway,
  'gateway-unknown': sharedFindings['gateway-unknown'],
  persistence: sharedFindings.persistence,
  namespace: sharedFindings.namespace,
}
