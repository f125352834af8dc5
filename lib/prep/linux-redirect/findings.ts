import type { Findings } from '../finding.ts'
import { sharedFindings } from '../linux/findings.ts'
import { block } from '../node.ts'

/** Every check of the redirecting script. */
export const redirectFindings: Findings = {
  address: sharedFindings.address,
  'redirect-rule': {
    ok: block`{subject} is redirected to {found}, where the application listens.`,
    fail: block`{subject} is not redirected, at port {found}: packets for it are dropped.`,
    warn: block`Whether {subject} is redirected could not be seen: {found}.`,
    fix: block`Run this script as root with --apply, and again after something emptied the nft rules.`,
  },
  'redirect-twice': {
    fail: block`{subject} is redirected to {found} as well, by another script of this machine: only one of them gets it.`,
    fix: block`Undo one of the two scripts, and take its backend out of the farm: a machine is one backend.`,
  },
  'vip-forwarded': {
    fail: block`{subject} is not redirected while this host forwards packets ({found}): those for it go round and round between here and the appliance.`,
    fix: block`Run this script with --apply at once; forwarding may stay on.`,
  },
  'vip-elsewhere': {
    fail: block`{subject}/{found}: with redirection no interface of this host may have the VIP, or it answers for it and takes the clients from the appliance.`,
    fix: block`Undo the script that put it there, or remove it: ip addr del {subject}/{found}`,
  },
  'vip-proxied': sharedFindings['vip-proxied'],
  listener: {
    ...sharedFindings.listener,
    fix: block`Start the application on that port of the backend's own address or of every address. This shows who listens: ss -lntup`,
  },
  'listener-every-address': sharedFindings['listener-every-address'],
  'listener-elsewhere': {
    fail: block`{subject}: the application listens on {found} alone, not on the address to which its requests are redirected.`,
    fix: block`Let it listen on the backend's own address or on every address (0.0.0.0 or ::), and restart it.`,
  },
  firewall: {
    ...sharedFindings.firewall,
    fix: block`Accept {protocol} to port {ports} of the backend's own address, before anything drops it: the redirection comes first. nft: {protocol} dport { {ports} } accept. ufw: ufw allow proto {protocol} to any port {ports} (a range as 8000:8010). firewalld: firewall-cmd --permanent --add-port=PORT/{protocol}, then firewall-cmd --reload. As root, nft list ruleset and iptables-save show the rules.`,
  },
  'reverse-path': sharedFindings['reverse-path'],
  gateway: sharedFindings.gateway,
  'gateway-unknown': sharedFindings['gateway-unknown'],
  persistence: sharedFindings.persistence,
  namespace: sharedFindings.namespace,
}
