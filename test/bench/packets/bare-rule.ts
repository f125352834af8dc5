import { backendMacs, port, protocolOf, type Kind } from './farms.ts'

/** The least that balances two backends: one rule, without counters, without a check of the VIP, and with a map of two. */
export function bareRule(kind: Kind, mac: string): string {
  const protocol = protocolOf(kind)
  const ip = kind.endsWith('6') ? 'ip6' : 'ip'
  const rule = `${protocol} dport ${port} ether saddr set ${mac} ether daddr set jhash ${ip} saddr . ${protocol} sport mod 2 map { 0 : ${backendMacs[0]}, 1 : ${backendMacs[1]} } fwd to "eth0"`
  return `table netdev bare { chain in { type filter hook ingress device "eth0" priority 0; policy accept;\n${rule}\n}\n}\n`
}

/** The rule of the machine with the backends: it counts what came and drops it. */
export const sinkRule = `table netdev sink { chain in { type filter hook ingress device "eth0" priority 0; policy accept;\nmeta l4proto { tcp, udp } th dport ${port} counter drop\n}\n}\n`
