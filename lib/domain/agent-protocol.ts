import { z } from 'zod'
import { desiredSchema, desiredChangeSchema } from './desired.ts'
import { faultSchema } from './fault.ts'
import { backendHealthSchema, healthEventSchema, probeHistorySchema } from './health.ts'
import { interfaceSchema } from './interface.ts'
import { planSchema } from './plan.ts'
import { agentFarmStatsSchema } from './stats.ts'
import { engineStateSchema, farmObservationSchema } from './status.ts'

/** Both sides send this number in the header `tangent-protocol`; another number is answered with 426 and no effect. */
export const agentProtocol = 3
export const protocolHeader = 'tangent-protocol'

/** Largest body the agent reads, in bytes: 1,000 farms with 256 backends each fit. */
export const agentBodyLimit = 64 * 1024 * 1024

/**
 * The socket's routes. Every answer of PUT and PATCH /v1/desired comes after the pass, or after `wait` milliseconds (query,
 * default 5000) with what is known by then.
 *
 *   PUT   /v1/desired           Desired        → AgentStatus (200), 422 {problems} when a farm is refused
 *   PATCH /v1/desired           DesiredChange  → AgentStatus (200), 409 {generation} when the base is another
 *   POST  /v1/plan              Desired | DesiredChange → Plan (as it would be applied now; nothing is changed)
 *   GET   /v1/status            → AgentStatus; with ?wait=ms&seen=version it answers when `version` differs from seen
 *   GET   /v1/status?farm=NAME  → AgentStatus with that farm only
 *   GET   /v1/interfaces        → { interfaces }
 *   GET   /v1/stats             → AgentStats, at most one second old
 *   GET   /v1/health?farm=NAME  → AgentHealth
 *   GET   /v1/events            → AgentEvents; with ?agent=started&after=seq those after that one, if it is the same agent still
 *   POST  /v1/doctor            DoctorRequest → DoctorEvidence after a few seconds, later when others are examined; 404 without such a farm
 *   GET   /v1/ruleset?farm=NAME → { text }, the kernel's rules of that farm as nft prints them
 */
export const agentStatusSchema = z.strictObject({
  protocol: z.literal(agentProtocol),
  /** Grows with every change of anything below; starts anew with the agent's process. */
  version: z.int(),
  startedAt: z.string(),
  /** Generation of the document that the agent has stored. */
  generation: z.int(),
  /** Generation of the document that the kernel was verified against last. */
  appliedGeneration: z.int(),
  engines: z.array(engineStateSchema),
  farms: z.array(farmObservationSchema),
  faults: z.array(faultSchema),
})

export const agentInterfacesSchema = z.strictObject({ interfaces: z.array(interfaceSchema) })
export const agentRulesetSchema = z.strictObject({ text: z.string() })
export const agentPlanRequestSchema = z.union([desiredSchema, desiredChangeSchema])
export const agentPlanSchema = planSchema

/** What the farms in the kernel have sent to their backends so far. `at` is when it was read. */
export const agentStatsSchema = z.strictObject({ at: z.iso.datetime(), farms: z.array(agentFarmStatsSchema) })

/** What is known of a farm's backends that are monitored, and the last 60 results of every address that they are asked at. */
export const agentHealthSchema = z.strictObject({ backends: z.array(z.strictObject({ name: z.string(), health: backendHealthSchema, probes: z.array(probeHistorySchema) })) })

/** Changes of health, oldest first: the last 10,000 are remembered. `seq` counts them from the agent's start, which `agent` is. */
export const agentEventsSchema = z.strictObject({ agent: z.string(), events: z.array(healthEventSchema.extend({ seq: z.int() })) })

export type AgentHealth = z.output<typeof agentHealthSchema>
export type AgentEvents = z.output<typeof agentEventsSchema>
export type AgentStats = z.output<typeof agentStatsSchema>
export type AgentStatus = z.output<typeof agentStatusSchema>
