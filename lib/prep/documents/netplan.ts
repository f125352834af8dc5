import { addressChanges, settingChanges } from '../changes.ts'
import type { PrepFacts } from '../facts.ts'
import { block, comment, line } from '../node.ts'
import type { PrepScript } from '../prep.ts'
import { documentScript, linuxCheck } from './document.ts'
import { linuxNotes, settingsFirst, settingsLast } from './settings.ts'

/** VIPs on lo by netplan (netplan(5): the lists of several files are merged; `lifetime` since 0.100, with networkd only). */
export function netplanDocument(facts: PrepFacts): PrepScript {
  const { key } = facts
  const { family, prefix } = facts.rip
  return documentScript(facts, {
    system: 'netplan',
    filename: line`tangent-netplan-${key}.yaml`,
    title: comment`Direct Server Return with netplan: the virtual addresses on lo of a Linux backend.`,
    apply: [...settingsFirst(facts), line`sudo install -m 600 tangent-netplan-${key}.yaml /etc/netplan/90-tangent-${key}.yaml`, line`sudo netplan apply`],
    check: linuxCheck(facts),
    undo: [line`sudo rm -f /etc/netplan/90-tangent-${key}.yaml`, line`sudo netplan apply`, ...settingsLast(facts)],
    notes: [
      ...linuxNotes(facts),
      comment`- netplan has no key for the settings. It configures lo when lo is matched by its name, as below.`,
      comment`- lo is configured by networkd, netplan's default. With "renderer: NetworkManager" use the NetworkManager document.`,
    ],
    content: [{ kind: 'block', text: head }, ...facts.vips.flatMap((vip) => (family === 'ipv6' ? [line`        - "${vip}/${prefix}":`, line`            lifetime: 0`] : [line`        - "${vip}/${prefix}"`]))],
    changes: [...settingChanges(facts), ...addressChanges(facts)],
  })
}

const head = block`
network:
  version: 2
  ethernets:
    lo:
      match:
        name: lo
      addresses:`
