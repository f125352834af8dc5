import { z } from 'zod'

// No z.int(): it refuses what is beyond 2^53, which is 9 PB, a quarter of a year at 10 Gbit/s.
const total = z.number().nonnegative()

/**
 * What went from clients to backends, counted from some start: packets, bytes of IP packets (layer 3), and openings of TCP
 * connections. Replies are in none of them. A number that is smaller than before means that counting began anew.
 */
export const backendTotalsSchema = z
  .strictObject({
    packets: total,
    bytes: total.describe('Bytes of IP packets, layer 3.'),
    connections: total.describe('Openings of TCP connections.'),
  })
  .meta({ id: 'BackendTotals' })

/** The totals of a farm: those of its backends, also of backends that it had before, and the packets that no backend could get. */
export const farmTotalsSchema = backendTotalsSchema.extend({ unsent: total.describe('Packets for the farm that no backend could get.') }).meta({ id: 'FarmTotals' })

/** One farm of the agent's answer to GET /v1/stats, with the backends that are counted now. */
export const agentFarmStatsSchema = z.strictObject({
  name: z.string(),
  ...farmTotalsSchema.shape,
  backends: z.array(z.strictObject({ name: z.string(), ...backendTotalsSchema.shape })),
})

const rate = z.number().nonnegative()

/** Per second, over the last few seconds. */
export const ratesSchema = z
  .strictObject({ packets: rate.describe('Packets per second.'), bits: rate.describe('Bits per second, of IP packets.'), connections: rate.describe('TCP connections begun per second.') })
  .meta({ id: 'Rates' })

/** What was counted in five minutes of the history. A bucket in which nothing was measured is missing. */
export const trafficPointSchema = z
  .strictObject({ at: z.iso.datetime().describe('When the five minutes begin.'), seconds: z.number().positive().describe('For how much of them it was counted: the rate is the number divided by this.'), ...farmTotalsSchema.shape })
  .meta({ id: 'TrafficPoint' })

const at = z.iso.datetime().nullable().describe('When it was counted last; null while the agent is away.')
const totals = farmTotalsSchema.nullable().describe('Since the farm is in the kernel; null when it is not.')
const rates = ratesSchema.nullable().describe('null while there is nothing to compare with: the agent is away or counting began anew.')

/** Traffic of all farms: totals and rates now. */
export const statsSchema = z.strictObject({ at, farms: z.array(z.strictObject({ name: z.string(), totals, rates })) }).meta({ id: 'Stats' })

/** Traffic of one farm: totals and rates now, in all and per backend, and the last 24 hours. */
export const farmStatsSchema = z
  .strictObject({
    name: z.string(),
    at,
    totals,
    rates,
    backends: z.array(z.strictObject({ name: z.string(), totals: backendTotalsSchema.nullable(), rates })),
    history: z.array(trafficPointSchema).describe('Buckets of five minutes, oldest first; the last one still grows.'),
  })
  .meta({ id: 'FarmStats' })

export type Rates = z.output<typeof ratesSchema>
export type TrafficPoint = z.output<typeof trafficPointSchema>
export type Stats = z.output<typeof statsSchema>
export type FarmStats = z.output<typeof farmStatsSchema>
export type BackendTotals = z.output<typeof backendTotalsSchema>
export type FarmTotals = z.output<typeof farmTotalsSchema>
export type AgentFarmStats = z.output<typeof agentFarmStatsSchema>
