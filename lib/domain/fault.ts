import { z } from 'zod'

export const severities = ['critical', 'warning', 'info'] as const
export type Severity = (typeof severities)[number]

type Kind = { severity: Severity; title: string; fix: string }

/**
 * Everything an operator must know about, by code. `title` says what is wrong, `fix` what to do; the `detail` of a
 * fault names the farm, backend, address or error at hand.
 */
export const faultKinds = {
  'agent-away': { severity: 'critical', title: 'The agent does not answer', fix: 'Start it with "npm run agent" as root, or look at "journalctl -u tangent-agent". Traffic goes on with the last rules; changes are kept and applied when it is back.' },
  'agent-version': { severity: 'critical', title: 'The agent is of another version', fix: 'Install the same version of console and agent and restart both.' },
  'all-unhealthy': { severity: 'critical', title: 'No backend of the farm is healthy', fix: 'Those that failed last stay in use, because a farm without backends helps nobody. See why each of them fails; when all of them work, look at the monitor.' },
  'apply-failed': { severity: 'critical', title: 'A change could not be applied', fix: 'Read the detail; the agent keeps trying. The rules that were there before are still in place.' },
  'backend-mac-unknown': { severity: 'critical', title: 'A backend does not answer on the network', fix: 'Check that it is up and in the same network as the appliance; it gets no traffic until its MAC address is known.' },
  'backend-lost': { severity: 'critical', title: 'No backend of the farm answers on the network', fix: 'The last backends that answered stay in use. Check the network between the appliance and its backends.' },
  'backend-unhealthy': { severity: 'warning', title: 'A backend fails its health check', fix: 'Read what the probe saw. When the own address answers and the VIP does not, run the preparation of this backend again. It comes back by itself.' },
  'backend-off-subnet': { severity: 'critical', title: 'A DSR backend is outside the network of its interface', fix: "Give it an address in the interface's subnet, or use mode snat or dnat." },
  'drift': { severity: 'warning', title: 'The kernel differed from what was applied', fix: 'It was put right. Find out what else changes the ruleset on this machine, such as a firewall script with "flush ruleset".' },
  'engine-down': { severity: 'critical', title: 'The engine does not run', fix: 'Traffic goes on with the rules in the kernel. The agent restarts the engine; read its log if this stays.' },
  'engine-full': { severity: 'warning', title: 'More backends than the engine handles well', fix: 'Keep it below 2,000 backends in all; beyond that every change becomes slow.' },
  'engine-missing': { severity: 'critical', title: 'The engine is not installed', fix: 'Install what is missing with "apt-get install nftlb nftables socat", then restart the agent.' },
  'engine-rival': { severity: 'critical', title: 'Another nftlb runs on this machine', fix: 'Stop it: "systemctl disable --now nftlb". Two of them wipe each other\'s rules; the agent starts its own as soon as the other is gone.' },
  'forwarding-off': { severity: 'critical', title: 'The kernel does not forward packets', fix: 'Farms in mode snat or dnat need it: "sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1" on the host.' },
  'fragments-lost': { severity: 'info', title: 'Large datagrams do not arrive', fix: 'Use scheduler maglev, which sends fragments after the first one of their datagram, or keep datagrams below the MTU.' },
  'interface-down': { severity: 'critical', title: 'An interface is down', fix: 'Bring it up with "ip link set NAME up" or check its cable.' },
  'interface-missing': { severity: 'critical', title: 'An interface of a farm does not exist', fix: 'Choose another interface for the farm, or bring the interface back.' },
  'no-active-backend': { severity: 'critical', title: 'A farm has no active backend', fix: 'Enable a backend, or see why those that are enabled are not active.' },
  'probe-trouble': { severity: 'warning', title: 'Backends cannot be probed', fix: 'Read the reason. Verdicts stay as they are and are unknown after a while; nobody is taken out for that.' },
  'sessions-lost': { severity: 'warning', title: 'Persistence entries could not be carried over', fix: 'Clients choose a backend anew; nothing else is lost.' },
  'vip-in-use': { severity: 'critical', title: 'Another machine answers for the VIP', fix: 'Find the machine with that MAC address. A backend that answers lacks the preparation of its loopback: run its script again.' },
  'vip-leaked': { severity: 'critical', title: 'A machine speaks in the name of a VIP', fix: 'Whoever hears it sends the VIP to that machine, past the appliance. If it is a backend, run its preparation script again; if not, find its MAC address in the table of the switch. Then run the doctor. It goes away five minutes after the last time.' },
  'vip-refused': { severity: 'critical', title: 'The VIP could not be added to its interface', fix: 'Read the reason; for an IPv6 VIP check that IPv6 is enabled there ("sysctl net.ipv6.conf.NAME.disable_ipv6"). The agent tries again every few seconds.' },
  'vip-off-subnet': { severity: 'critical', title: 'No interface has a subnet that holds the VIP', fix: 'Choose the interface of the farm, or add an address of that network to one.' },
} as const satisfies Record<string, Kind>

export type FaultCode = keyof typeof faultKinds

export const faultSchema = z
  .strictObject({
    code: z.enum(Object.keys(faultKinds) as [FaultCode, ...FaultCode[]]),
    severity: z.enum(severities),
    title: z.string(),
    detail: z.string(),
    fix: z.string(),
    farm: z.string().nullable(),
    backend: z.string().nullable(),
  })
  .meta({ id: 'Fault' })

export type Fault = z.output<typeof faultSchema>

/** Makes a fault of a registered kind; `detail` says what it is about in one sentence. */
export function fault(code: FaultCode, detail: string, about: { farm?: string; backend?: string } = {}): Fault {
  const { severity, title, fix } = faultKinds[code]
  return { code, severity, title, detail, fix, farm: about.farm ?? null, backend: about.backend ?? null }
}

/** Order for faults: the worst first, then by farm and backend. */
export function byGravity(a: Fault, b: Fault): number {
  const rank = severities.indexOf(a.severity) - severities.indexOf(b.severity)
  return rank || key(a).localeCompare(key(b))
}

function key(fault: Fault): string {
  return `${fault.farm ?? ''} ${fault.backend ?? ''} ${fault.code}`
}
