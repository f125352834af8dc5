import type { Monitor, ProbeReason } from '#lib/domain/monitor.ts'

/**
 * One running probe. Path `rip` asks the backend's own address from the appliance; path `vip` sends the same question to the VIP
 * through this backend, in the frames that traffic uses: from the appliance's own address and MAC to the backend's MAC.
 */
export type ProbeTarget = {
  /** Farm, backend and destination: unique among all. */
  id: string
  path: 'rip' | 'vip'
  /** What is asked: the RIP or one VIP. */
  address: string
  /** Port of the probe; null for icmp and arp. */
  port: number | null
  monitor: Monitor
  /** Needed on path `vip`: where the backend is and how it is addressed there; `source` is the appliance's own address in that subnet. Null as long as the MAC is unknown. */
  via: { interface: string; mac: string; source: string } | null
}

/** What one probe found, at this time in ms since 1970. `ms` is how long it took; `reason` is null when the answer is good; `detail` is a sentence. */
export type ProbeResult = { id: string; at: number; ms: number; reason: ProbeReason | null; detail: string }

export type Prober = {
  /**
   * Sets what is probed for one farm; an empty list ends it. Targets that are the same go on undisturbed. To be called again when an
   * interface changed. What cannot be asked has a result `not-possible` at its interval.
   */
  watch: (farm: string, targets: readonly ProbeTarget[]) => void
  /** Asks once, now, apart from the schedule. Never rejects. */
  once: (target: ProbeTarget) => Promise<ProbeResult>
  /** Probes that could not be sent in time since the last call, and what stands in the way of probing at all. */
  state: () => { missed: number; trouble: string | null }
  stop: () => Promise<void>
}
