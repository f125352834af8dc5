import { addressChanges, settingChanges } from '../changes.ts'
import type { PrepFacts } from '../facts.ts'
import { blank, block, comment, line } from '../node.ts'
import type { ConfigNode } from '../node.ts'
import type { PrepScript } from '../prep.ts'
import { documentScript, linuxCheck } from './document.ts'
import { linuxNotes, settingsFirst, settingsLast } from './settings.ts'

/** VIPs on lo by systemd-networkd (systemd.network(5): the first file that matches an interface is the only one for it). */
export function networkdDocument(facts: PrepFacts): PrepScript {
  const { key } = facts
  const { family, prefix } = facts.rip
  return documentScript(facts, {
    system: 'networkd',
    filename: line`tangent-networkd-${key}.network`,
    title: comment`Direct Server Return with systemd-networkd: the virtual addresses on lo of a Linux backend.`,
    apply: [...settingsFirst(facts), line`sudo install -m 644 tangent-networkd-${key}.network /etc/systemd/network/10-tangent-${key}.network`, line`sudo networkctl reload`],
    check: linuxCheck(facts),
    undo: [line`sudo rm -f /etc/systemd/network/10-tangent-${key}.network`, line`sudo networkctl reload`, ...settingsLast(facts)],
    notes: [
      ...linuxNotes(facts),
      comment`- A .network file has no key for the settings.`,
      comment`- Only the first .network file that matches lo counts. When there is one already, put the [Address] sections into it, or put`,
      comment`  this file beside it as a drop-in: /etc/systemd/network/NAME.network.d/tangent-${key}.conf`,
      comment`- "networkctl reload" needs systemd 244; before that: sudo systemctl restart systemd-networkd`,
    ],
    content: [
      { kind: 'block', text: head },
      ...facts.vips.flatMap((vip): ConfigNode[] => [blank, line`[Address]`, line`Address=${vip}/${prefix}`, ...(family === 'ipv6' ? [line`PreferredLifetime=0`] : [])]),
    ],
    changes: [...settingChanges(facts), ...addressChanges(facts)],
  })
}

const head = block`
[Match]
Name=lo`
