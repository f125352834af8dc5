import { addressChanges, settingChanges } from '../changes.ts'
import type { PrepFacts } from '../facts.ts'
import { comment, line } from '../node.ts'
import type { ConfigLine } from '../node.ts'
import type { PrepScript } from '../prep.ts'
import { documentScript, linuxCheck } from './document.ts'
import { linuxNotes, settingsFirst, settingsLast } from './settings.ts'

/** VIPs on lo by ifupdown (interfaces(5): several stanzas for one interface add up). The method static would take lo down with a VIP. */
export function ifupdownDocument(facts: PrepFacts): PrepScript {
  const { key } = facts
  return documentScript(facts, {
    system: 'ifupdown',
    filename: line`tangent-ifupdown-${key}`,
    title: comment`Direct Server Return with ifupdown: the virtual addresses on lo of a Linux backend.`,
    apply: [...settingsFirst(facts), line`sudo install -m 644 tangent-ifupdown-${key} /etc/network/interfaces.d/tangent-${key}`, line`sudo ifup --force lo`],
    check: linuxCheck(facts),
    undo: [line`sudo rm -f /etc/network/interfaces.d/tangent-${key}`, ...settingsLast(facts)],
    notes: [
      ...linuxNotes(facts),
      comment`- /etc/network/interfaces must have "auto lo" and "source /etc/network/interfaces.d/*", as Debian installs it.`,
      comment`- Never run "ifdown lo" to take this back: it takes lo down.`,
      comment`- Without systemd: /etc/init.d/procps loads the settings, /etc/init.d/networking adds the addresses; procps must be the first.`,
    ],
    content: stanza(facts),
    changes: [...settingChanges(facts), ...addressChanges(facts)],
  })
}

function stanza({ rip, vips }: PrepFacts): ConfigLine[] {
  if (rip.family === 'ipv6') return [line`iface lo inet6 loopback`, ...vips.map((vip) => line`    up ip -6 addr replace ${vip}/128 dev lo preferred_lft 0`)]
  return [line`iface lo inet loopback`, ...vips.map((vip) => line`    up ip -4 addr replace ${vip}/32 dev lo`)]
}
