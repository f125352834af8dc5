import type { AgentStats } from '#lib/domain/agent-protocol.ts'

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
