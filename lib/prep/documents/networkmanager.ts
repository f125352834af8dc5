import { addressChanges, settingChanges } from '../changes.ts'
import type { PrepFacts } from '../facts.ts'
import { numberLiteral } from '../literal.ts'
import { blank, block, comment, line } from '../node.ts'
import type { ConfigNode } from '../node.ts'
import type { PrepScript } from '../prep.ts'
import { documentScript, linuxCheck } from './document.ts'
import { linuxNotes, settingsFirst, settingsLast } from './settings.ts'

/** VIPs on lo by NetworkManager 1.42 and later (nm-settings-keyfile(5)); the profile is in the form that nmcli itself writes. */
export function networkmanagerDocument(facts: PrepFacts): PrepScript {
  const { key } = facts
  const file = line`/etc/NetworkManager/system-connections/tangent-backend-${key}.nmconnection`.text
  return documentScript(facts, {
    system: 'networkmanager',
    filename: line`tangent-networkmanager-${key}.nmconnection`,
    title: comment`Direct Server Return with NetworkManager: the virtual addresses on lo of a Linux backend.`,
    apply: [
      ...settingsFirst(facts),
      line`sudo install -m 600 tangent-networkmanager-${key}.nmconnection ${file}`,
      line`sudo nmcli connection load ${file}`,
      line`sudo nmcli connection up tangent-backend-${key}`,
    ],
    check: linuxCheck(facts),
    undo: [line`sudo nmcli connection delete tangent-backend-${key}`, ...settingsLast(facts)],
    notes: [
      ...linuxNotes(facts),
      comment`- This needs NetworkManager 1.42, the first that manages lo; before that use the Linux script. A profile has no key for the settings.`,
      comment`- Only one profile can be active on lo, and it removes what something else put there. When lo has one already, add the addresses`,
      comment`  to it: nmcli connection modify NAME +ipv4.addresses ADDRESS/32 (or +ipv6.addresses ADDRESS/128), then nmcli connection up NAME`,
      ...(facts.rip.family === 'ipv6' ? [comment`- A profile cannot make an address a deprecated one: connections of this machine to others may come from a virtual address.`] : []),
    ],
    content: [line`[connection]`, line`id=tangent-backend-${key}`, { kind: 'block', text: loopback }, blank, ...addresses(facts)],
    changes: [...settingChanges(facts), ...addressChanges(facts, { deprecated: false })],
  })
}

/** The addresses that lo always has stay the first ones. */
function addresses({ rip, vips }: PrepFacts): ConfigNode[] {
  const virtual = vips.map((vip, index) => line`address${numberLiteral(index + 2)}=${vip}/${rip.prefix}`)
  const [four, six] = rip.family === 'ipv6' ? [[], virtual] : [virtual, []]
  return [line`[ipv4]`, line`method=manual`, line`address1=127.0.0.1/8`, ...four, blank, line`[ipv6]`, line`method=manual`, line`address1=::1/128`, ...six]
}

const loopback = block`
type=loopback
interface-name=lo

[loopback]`
