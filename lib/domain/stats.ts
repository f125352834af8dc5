import { z } from 'zod'

const total = z.int().nonnegative()

/**
 * What went from clients to backends, counted from some start: packets, bytes of IP packets (layer 3), and openings of TCP
 * connections. Replies are in none of them. A number that is smaller than before means that counting began anew.
 */
export const backendTotalsSchema = z.strictObject({
  packets: total,
  bytes: total.describe('Bytes of IP packets, layer 3.'),
  connections: total.describe('Openings of TCP connections.'),
})

/** The totals of a farm: those of its backends, also of backends that it had before, and the packets that no backend could get. */
export const farmTotalsSchema = backendTotalsSchema.extend({ unsent: total.describe('Packets for the farm that no backend could get.') })

/** One farm of the agent's answer to GET /v1/stats, with the backends that are counted now. */
export const agentFarmStatsSchema = farmTotalsSchema.extend({
  name: z.string(),
  backends: z.array(backendTotalsSchema.extend({ name: z.string() })),
})

export type BackendTotals = z.output<typeof backendTotalsSchema>
export type FarmTotals = z.output<typeof farmTotalsSchema>
export type AgentFarmStats = z.output<typeof agentFarmStatsSchema>
