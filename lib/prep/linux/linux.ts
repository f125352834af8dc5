import { addressChanges, settingChanges } from '../changes.ts'
import type { PrepFacts } from '../facts.ts'
import { comment } from '../node.ts'
import type { ScriptNode } from '../node.ts'
import type { PrepChange, PrepScript } from '../prep.ts'
import { apply } from './body-apply.ts'
import { check, machine } from './body-check.ts'
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
    text: shScript(facts, { opening: opening(facts), findings: linuxFindings, own: [vip, apply, undo, machine, check] }),
    changes: linuxChanges(facts),
    commands: { apply: `sudo sh ${filename} --apply`, check: `sudo sh ${filename} --check`, undo: `sudo sh ${filename} --undo` },
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
  return [
    ...settingChanges(facts),
    ...addressChanges(facts),
    {
      what: `Installs tangent-backend-${facts.key}.service (systemd) or a local.d hook (OpenRC)${facts.rip.family === 'ipv4' ? ' and /etc/sysctl.d/95-tangent-backend.conf' : ''}; not with --no-persist.`,
      why: 'After a reboot the host is prepared before its first interface is up.',
    },
    { what: 'Saves the former values in /var/lib/tangent-backend, once, and keeps a copy of itself there.', why: '--undo restores exactly these, however often --apply has run, also when no farm uses this machine any more.' },
  ]
}
