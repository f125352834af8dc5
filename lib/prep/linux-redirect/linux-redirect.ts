import type { PrepFacts } from '../facts.ts'
import { machine } from '../linux/body-check.ts'
import { shScript } from '../linux/sh-script.ts'
import { comment } from '../node.ts'
import type { ScriptNode } from '../node.ts'
import type { PrepChange, PrepScript } from '../prep.ts'
import { apply } from './body-apply.ts'
import { check } from './body-check.ts'
import { rules } from './body-rules.ts'
import { redirectFindings } from './findings.ts'

/** For applications that cannot listen on the VIP: requests are redirected to the backend's own address, and no interface has the VIP. */
export function linuxRedirectScript(facts: PrepFacts): PrepScript {
  const filename = `tangent-redirect-${facts.key}.sh`
  return {
    system: 'linux-redirect',
    filename,
    mediaType: 'text/plain; charset=us-ascii',
    text: shScript(facts, { opening: opening(facts), findings: redirectFindings, own: [rules, apply, machine, check] }),
    changes: redirectChanges(facts),
    note: "For applications that cannot listen on the VIP: they get their requests at the backend's own address and cannot tell one VIP from another. Every connection is tracked by the kernel (conntrack).",
    commands: { apply: `sudo sh ${filename} --apply`, check: `sudo sh ${filename} --check`, undo: `sudo sh ${filename} --undo` },
  }
}

function opening(facts: PrepFacts): ScriptNode[] {
  return [
    comment`Prepares a Linux backend for Direct Server Return with redirection: this host takes packets for the VIP for its own address ${facts.rip.text}.`,
    comment`For applications that cannot listen on the VIP. No interface has the VIP. It costs connection tracking, and two VIPs share each port.`,
    comment`  backend ${facts.name}, address ${facts.rip.text}`,
    ...facts.farms,
    comment`Run as root: sh FILE --apply, then --check; --undo puts everything back. --help says more. It needs nftables.`,
    comment`Nothing runs before the last line, so half a download does nothing.`,
  ]
}

function redirectChanges(facts: PrepFacts): PrepChange[] {
  const table = `${facts.rip.family === 'ipv6' ? 'ip6' : 'ip'} tangent_redirect_${facts.key}`
  return [
    ...facts.services.map((service) => ({
      what: `Redirects ${service} to ${facts.rip.text}, in the nft table ${table}.`,
      why: 'The application gets requests for the VIP at the address that it listens on; its replies get the VIP back as their source.',
    })),
    {
      what: `Installs tangent-redirect-${facts.key}.service (systemd) or a local.d hook (OpenRC); not with --no-persist.`,
      why: 'After a reboot the host is prepared before its first interface is up.',
    },
    { what: 'Keeps a copy of itself in /var/lib/tangent-backend.', why: 'Its --undo works also when no farm uses this machine any more.' },
    { what: `--undo deletes the table ${table}.`, why: 'No other table, no address and no kernel setting is touched.' },
  ]
}
