import type { AgentStats } from '#lib/domain/agent-protocol.ts'
import type { BackendHealth } from '#lib/domain/health.ts'
import type { FarmObservation } from '#lib/domain/status.ts'

type Counted = { packets: number; unsent?: number; backends?: Record<string, number> }

/** A sample of some farms: 60 bytes a packet, one connection for every ten. */
export function sample(at: string, farms: Record<string, Counted>): AgentStats {
  return {
    at,
    farms: Object.entries(farms).map(([name, { packets, unsent = 0, backends = {} }]) => ({
      name,
      ...totals(packets),
      unsent,
      backends: Object.entries(backends).map(([backend, count]) => ({ name: backend, ...totals(count) })),
    })),
  }
}

/** What goes with so many packets. */
export function totals(packets: number): { packets: number; bytes: number; connections: number } {
  return { packets, bytes: packets * 60, connections: Math.floor(packets / 10) }
}

export const healthy: BackendHealth = { state: 'healthy', rip: 'healthy', vip: 'healthy', since: '2026-01-01T00:00:00.000Z', reason: null, damped: null, part: 1 }
export const unhealthy: BackendHealth = { ...healthy, state: 'unhealthy', vip: 'unhealthy', reason: 'VIP 203.0.113.7 port 80 through this backend: No answer within 1 s. Its own address answers.' }

type ObservedBackend = FarmObservation['backends'][number]

/** What the agent observes of farm web: which backends are active. All are healthy, and those that are active have a MAC, unless `different` says otherwise. */
export function observation(active: Record<string, boolean>, different: Record<string, Partial<ObservedBackend>> = {}): FarmObservation {
  const backends = Object.entries(active).map(([name, isActive]): ObservedBackend => ({ name, active: isActive, mac: isActive ? '52:54:00:00:00:11' : null, health: healthy, ...different[name] }))
  return { name: 'web', applied: true, engine: 'native', handover: null, interface: 'eth0', backends }
}
