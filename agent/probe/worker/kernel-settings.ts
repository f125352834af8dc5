import { writeFileSync } from 'node:fs'

/** The connection table of the worker's own namespace forgets at once what is over: probes are short, and thousands a second (nf_conntrack-sysctl). */
const settings: Readonly<Record<string, number>> = {
  tcp_timeout_syn_sent: 10,
  tcp_timeout_syn_recv: 10,
  tcp_timeout_close: 1,
  udp_timeout: 5,
  udp_timeout_stream: 5,
  icmp_timeout: 5,
  icmpv6_timeout: 5,
}

/**
 * Writes them; they exist as soon as the rules do. Where they may not be written, as in a container, the kernel's own values serve:
 * a full table drops what was never answered first.
 */
export function forgetConnectionsSoon(): void {
  try {
    for (const [name, seconds] of Object.entries(settings)) writeFileSync(`/proc/sys/net/netfilter/nf_conntrack_${name}`, String(seconds))
  } catch (error) {
    process.stderr.write(`The connection table keeps its own times: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}
