import { writeFileSync } from 'node:fs'

/** Settings of the worker's own network namespace (ip-sysctl). Answers come from VIPs, to which no route leads back. */
export const routing: Readonly<Record<string, string>> = { 'net/ipv4/conf/all/rp_filter': '0', 'net/ipv4/conf/default/rp_filter': '0' }

/** The connection table forgets at once what is over, thousands of probes being short (nf_conntrack-sysctl). Exists when the rules do. */
export const tracking: Readonly<Record<string, string>> = {
  'net/netfilter/nf_conntrack_tcp_timeout_syn_sent': '10',
  'net/netfilter/nf_conntrack_tcp_timeout_syn_recv': '10',
  'net/netfilter/nf_conntrack_tcp_timeout_close': '1',
  'net/netfilter/nf_conntrack_udp_timeout': '5',
  'net/netfilter/nf_conntrack_udp_timeout_stream': '5',
  'net/netfilter/nf_conntrack_icmp_timeout': '5',
  'net/netfilter/nf_conntrack_icmpv6_timeout': '5',
}

/** Where they may not be written, as in a container, the kernel's own values serve: a full table drops what is unanswered first. */
export function adaptKernel(settings: Readonly<Record<string, string>>): void {
  for (const [path, value] of Object.entries(settings)) {
    try {
      writeFileSync(`/proc/sys/${path}`, value)
    } catch (error) {
      process.stderr.write(`${path} stays as it is: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
}
