import type { PrepFacts } from '../facts.ts'
import { comment } from '../node.ts'
import type { ScriptNode } from '../node.ts'
import type { PrepChange, PrepScript } from '../prep.ts'
import { apply } from './body-apply.ts'
import { check } from './body-check.ts'
import { undo } from './body-undo.ts'
import { vip } from './body-vip.ts'
import { linuxFindings } from './findings.ts'
import { shScript } from './sh-script.ts'

/** The preparation script for Linux: POSIX sh, with iproute2 or busybox. */
export function linuxScript(facts: PrepFacts): PrepScript {
  const filename = `tangent-backend-${facts.key}.sh`
  return {
    system: 'linux',
    filename,
    mediaType: 'text/plain; charset=us-ascii',
    text: shScript(facts, { opening: opening(facts), findings: linuxFindings, own: [vip, apply, undo, check] }),
    changes: linuxChanges(facts),
    commands: { apply: `sudo sh ${filename} --apply`, check: `sh ${filename} --check`, undo: `sudo sh ${filename} --undo` },
  }
}

function opening(facts: PrepFacts): ScriptNode[] {
  return [
    comment`Prepares a Linux backend for Direct Server Return: this host takes packets for the VIP and answers the client itself.`,
    comment`  backend ${facts.name}, address ${facts.rip.text}`,
    ...facts.farms,
    comment`Run as root: sh FILE --apply, then --check; --undo puts everything back. --help says more.`,
    comment`Nothing runs before the last line, so half a download does nothing.`,
  ]
}

function linuxChanges(facts: PrepFacts): PrepChange[] {
  const addresses = facts.vips.map((vip) => ({
    what: `Adds ${vip}/${facts.rip.prefix} to lo${facts.rip.family === 'ipv6' ? ', deprecated (preferred_lft 0)' : ''}.`,
    why:
      facts.rip.family === 'ipv6'
        ? 'The host takes packets for the VIP. Linux answers neighbour solicitations only for addresses of the asking interface, so it stays silent about it.'
        : 'The host takes packets for the VIP. Only /32 is safe: a wider prefix on lo takes the whole network away from the host.',
  }))
  const settings: PrepChange[] = [
    { what: 'Sets net.ipv4.conf.all.arp_ignore to 1, before any address.', why: 'The host answers ARP only for addresses of the asking interface. Otherwise it takes the clients away from the appliance.' },
    { what: 'Sets net.ipv4.conf.all.arp_announce to 2, before any address.', why: 'ARP requests of the host never carry the VIP as sender. Otherwise routers learn it from them, and balancing dies silently.' },
  ]
  return [
    ...(facts.rip.family === 'ipv4' ? settings : []),
    ...addresses,
    {
      what: `Installs tangent-backend-${facts.key}.service (systemd) or a local.d hook (OpenRC)${facts.rip.family === 'ipv4' ? ' and /etc/sysctl.d/95-tangent-backend.conf' : ''}; not with --no-persist.`,
      why: 'After a reboot the host is prepared before its first interface is up.',
    },
    { what: 'Saves the former values in /var/lib/tangent-backend, once.', why: '--undo restores exactly these, however often --apply has run.' },
  ]
}
