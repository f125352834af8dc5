import type { Findings } from '../finding.ts'
import { block } from '../node.ts'

/** Every check of the PowerShell script. */
export const windowsFindings: Findings = {
  administrator: {
    warn: block`This check does not run as administrator, so Windows may hide something from it.`,
    fix: block`Run it again in PowerShell as administrator.`,
  },
  address: {
    ok: block`{subject} is an address of this machine.`,
    fail: block`{subject} is on {found} of this machine: this script is for the backend that has it once.`,
    fix: block`Take the script of the backend with an address of this machine.`,
  },
  dhcp: {
    ok: block`DHCP of {subject} is as it was before the first Apply.`,
    fail: block`DHCP of {subject} was on before the first Apply and is off now: adding an address to an interface switches it off.`,
    fix: block`Remove that address, then switch DHCP on again in the settings of this interface.`,
  },
  adapter: {
    ok: block`The loopback adapter {subject} is here and up; it holds the VIP.`,
    fail: block`The loopback adapter {subject} is {found}, so no VIP is in use.`,
    fix: block`Run this script with -Mode Apply; if the adapter is disabled, enable it first.`,
  },
  'vip-on-loopback': {
    ok: block`{subject} is on the loopback interface, so this host takes the packets that the appliance passes on.`,
    fail: block`{subject} is not on the loopback interface, so packets for it are dropped.`,
    fix: block`Run this script with -Mode Apply.`,
  },
  'vip-forwarded': {
    fail: block`{subject} is not on the loopback interface while {found} forwards packets: those for it go round and round between here and the appliance.`,
    fix: block`Run this script with -Mode Apply at once; forwarding may stay on.`,
  },
  'vip-elsewhere': {
    fail: block`{subject} is on {found}: there this host answers for the VIP and takes the clients from the appliance.`,
    fix: block`Remove it there: Remove-NetIPAddress -IPAddress {subject} -InterfaceIndex and the number of that interface.`,
  },
  'vip-wide': {
    fail: block`{subject} is on the loopback interface with {found}: every prefix but that of one address takes the whole network away from this host.`,
    fix: block`Remove it: Remove-NetIPAddress -IPAddress {subject} - then run this script with -Mode Apply.`,
  },
  'vip-state': {
    ok: block`{subject} is in use: its state is {found}.`,
    fail: block`{subject} is not in use: its state is {found}.`,
    fix: block`Run this script with -Mode Apply, which switches the probes for duplicates off.`,
  },
  'vip-source': {
    ok: block`{subject} is never the source of own connections.`,
    fail: block`{subject} can be the source of own connections, whose replies would go to another backend.`,
    fix: block`Remove it: Remove-NetIPAddress -IPAddress {subject} - then run this script with -Mode Apply.`,
  },
  persistence: {
    ok: block`{subject} is on the loopback interface after a reboot as well.`,
    warn: block`{subject} is gone after a reboot: it is not in the persistent store.`,
    fix: block`Remove it: Remove-NetIPAddress -IPAddress {subject} - then run this script with -Mode Apply.`,
  },
  'weak-host-receive': {
    ok: block`Weak host receive of {subject} is {found}: packets may come in through one interface for an address of another.`,
    fail: block`Weak host receive of {subject} is {found}; it must be Enabled, or Windows drops the packets for the VIP.`,
    fix: block`Run this script with -Mode Apply.`,
  },
  'weak-host-send': {
    ok: block`Weak host send of {subject} is {found}: replies from the VIP leave through the real interface.`,
    fail: block`Weak host send of {subject} is {found}; it must be Enabled, or replies from the VIP do not leave.`,
    fix: block`Run this script with -Mode Apply.`,
  },
  binding: {
    ok: block`The Windows component {subject} is off on the loopback adapter, so it offers nothing under the VIP.`,
    warn: block`The Windows component {subject} is not off on the loopback adapter, so it is offered under the VIP.`,
    fix: block`Run this script with -Mode Apply.`,
  },
  'dns-registration': {
    ok: block`{subject} does not register its addresses in DNS.`,
    warn: block`{subject} registers its addresses in DNS, so others may find this host under the VIP.`,
    fix: block`Run this script with -Mode Apply.`,
  },
  firewall: {
    ok: block`The Windows firewall lets {subject} in.`,
    fail: block`The rule of the Windows firewall for {subject} does not work: {found}.`,
    warn: block`The Windows firewall could not be looked at for {subject}: {found}.`,
    fix: block`Run this script with -Mode Apply as administrator.`,
  },
  'firewall-block': {
    fail: block`A rule of the Windows firewall blocks {subject}, and such a rule beats all that allow: {found}.`,
    warn: block`A rule of the Windows firewall blocks {subject} for some clients, programs or networks: {found}.`,
    fix: block`Look at this rule in wf.msc (or the group policy) and disable it when it is wrong.`,
  },
  'firewall-policy': {
    warn: block`In the profile {subject} of the Windows firewall {found}, so the rules of this script do not count there.`,
    fix: block`Allow the services of the VIP in the group policy, when this machine is in that profile.`,
  },
  listener: {
    ok: block`{subject}: an application listens.`,
    fail: block`{subject}: no application listens, so clients are refused.`,
    warn: block`{subject}: nobody can tell from here whether an application listens: {found}.`,
    fix: block`The application must listen on that port of the VIP or of every address; ports are not translated. This shows who listens: netstat -ano`,
  },
  'listener-elsewhere': {
    fail: block`{subject}: the application listens on {found} alone, so clients of the VIP are refused.`,
    fix: block`Let it listen on the VIP or on every address, and restart it.`,
  },
  gateway: {
    ok: block`The default gateway {subject} is not the appliance, so replies go past it.`,
    fail: block`The default gateway {subject} is {found}, which drops replies from the VIP.`,
    warn: block`There is no default route, so only clients of the own networks get replies.`,
    fix: block`Make the router of this network the default gateway, not the appliance.`,
  },
}
