import { firstFragment, fragmentExpression, opensTcp } from './expressions.ts'
import type { Chains } from './farm-rules.ts'
import { ingressChain, priority, restChain, sendChain, sendKinds } from './names.ts'

const forUs = 'meta pkttype host'

/**
 * The chains of an interface. Exact ports come first, because they are nearly all there is. Frames for other machines, which a
 * flooding switch or a promiscuous card shows, are left alone; what goes out carries the appliance's MAC, so that no switch
 * learns the client's or the router's behind it.
 */
export function deviceChains(iface: string, mac: string): Chains {
  const chains: Chains = new Map()
  chains.set(ingressChain(iface), [
    `${forUs} meta l4proto . ip daddr . th dport vmap @ports4`,
    `${forUs} meta l4proto . ip6 daddr . th dport vmap @ports6`,
    `${forUs} goto ${restChain(iface)}`,
  ])
  chains.set(restChain(iface), [
    'meta l4proto . ip daddr . th dport vmap @ranges4',
    'meta l4proto . ip6 daddr . th dport vmap @ranges6',
    `ip frag-off & 0x1fff != 0 meta mark set ${fragmentExpression(4)} map @fragments goto ${sendChain('error', 4, iface)}`,
    `frag frag-off != 0 meta mark set ${fragmentExpression(6)} map @fragments goto ${sendChain('error', 6, iface)}`,
    'meta l4proto . ip daddr vmap @vips4',
    'meta l4proto . ip6 daddr vmap @vips6',
    // Headers without options only: elsewhere the packet inside would stand at another place.
    'icmp type { destination-unreachable, time-exceeded, parameter-problem } @nh,0,8 0x45 @nh,224,8 0x45 goto errors4',
    'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } @nh,48,8 58 goto errors6',
  ])
  for (const kind of sendKinds) {
    for (const family of [4, 6] as const) chains.set(sendChain(kind, family, iface), sendRules(kind, family, iface, mac))
  }
  return chains
}

/** A backend without a MAC is gone: its packets stay on the appliance, which refuses them. */
function sendRules(kind: (typeof sendKinds)[number], family: 4 | 6, iface: string, mac: string): string[] {
  const counted = { tcp: [`${opensTcp} meta mark @connections`], all: [`meta l4proto tcp ${opensTcp} meta mark @connections`], other: [], error: [] }
  const key = fragmentExpression(family)
  // An identification comes again soon (16 bits in IPv4), and an update alone would leave its datagram with the owner of the last.
  const fragment = kind === 'error' ? [] : [`${firstFragment(family)} delete @fragments { ${key} : 0 } update @fragments { ${key} : meta mark }`]
  return [...fragment, ...counted[kind], `ether daddr set meta mark map @macs meta mark @sent ether saddr set ${mac} fwd to "${iface}"`, 'goto nobody']
}

/** Chains that every interface shares. */
export const sharedChains: Chains = new Map([
  ['nobody', ['meta mark @unsent', 'meta mark set 0']],
  ['errors4', ['@nh,296,8 . @nh,320,32 . @nh,384,16 vmap @errors4', '@nh,296,8 . @nh,320,32 . @nh,384,16 vmap @errorranges4', '@nh,296,8 . @nh,320,32 vmap @errorvips4']],
  ['errors6', ['@nh,432,8 . @nh,448,128 . @nh,704,16 vmap @errors6', '@nh,432,8 . @nh,448,128 . @nh,704,16 vmap @errorranges6', '@nh,432,8 . @nh,448,128 vmap @errorvips6']],
])

/** The hook of an interface, as it follows the chain's opening brace. */
export function hookOf(iface: string): string {
  return `type filter hook ingress device "${iface}" priority ${priority}; policy accept;`
}
