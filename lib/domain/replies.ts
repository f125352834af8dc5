import { z } from 'zod'
import { farmSchema } from './farm.ts'
import { faultSchema } from './fault.ts'
import { backendHealthSchema, healthEventSchema, probeHistorySchema } from './health.ts'
import { planSchema } from './plan.ts'
import { engineStateSchema, farmStatusSchema } from './status.ts'

/** Shapes that the REST API answers with and the console reads; farms and backends are answered as they are. */

/** Answer to a change. `farm` is null after a delete. `pending` is true until the kernel has this generation. */
export const changeReplySchema = z
  .strictObject({
    farm: farmSchema.nullable(),
    generation: z.int(),
    appliedGeneration: z.int().nullable().describe('null while the agent is away'),
    pending: z.boolean(),
    faults: z.array(faultSchema).describe('Faults of this farm and of the appliance as a whole.'),
  })
  .meta({ id: 'ChangeReply' })

/** Answer to a change with `?dryRun=true`: nothing was saved. `plan` is null while the agent is away. */
export const dryRunReplySchema = z.strictObject({ farm: farmSchema.nullable(), plan: planSchema.nullable() }).meta({ id: 'DryRunReply' })

export const agentStateSchema = z
  .strictObject({
    connected: z.boolean(),
    message: z.string().nullable().describe('Why it is not connected, in words.'),
    engines: z.array(engineStateSchema).describe('What turns farms into rules of the kernel; empty while the agent is away.'),
  })
  .meta({ id: 'AgentState' })

export const systemStatusSchema = z
  .strictObject({
    generation: z.int(),
    appliedGeneration: z.int().nullable(),
    pending: z.boolean(),
    agent: agentStateSchema,
    farms: z.array(farmStatusSchema),
    faults: z.array(faultSchema),
  })
  .meta({ id: 'SystemStatus' })

/** RFC 9457 problem details, extended by every single error with its RFC 6901 pointer. */
export const problemDetailsSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().optional().describe('Id of the request, also in the log.'),
    errors: z.array(z.strictObject({ pointer: z.string(), code: z.string(), message: z.string(), hint: z.string() })).optional(),
    current: z.unknown().optional().describe('With 409, 412 and 428: the resource as it is now.'),
  })
  .meta({ id: 'ProblemDetails' })

/** A saved generation: what it changed, from which the document of any generation can be derived. */
export const revisionSchema = z
  .strictObject({
    generation: z.int(),
    at: z.iso.datetime(),
    actor: z.string().describe('user:NAME or token:NAME'),
    comment: z.string().nullable(),
    changes: z.array(z.strictObject({ farm: z.string(), before: farmSchema.nullable(), after: farmSchema.nullable() })),
  })
  .meta({ id: 'Revision' })

export const sessionSchema = z
  .strictObject({ user: z.strictObject({ name: z.string(), mustChangePassword: z.boolean() }).nullable(), setupNeeded: z.boolean() })
  .meta({ id: 'Session' })

export const auditEntrySchema = z
  .strictObject({
    id: z.int(),
    at: z.iso.datetime(),
    actor: z.string().describe('user:NAME or token:NAME; link when a script reported by its link.'),
    action: z.string().describe('such as farm.put or backend.admin-state'),
    target: z.string(),
    generation: z.int().nullable(),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: 'AuditEntry' })

/** What is known of a farm's backends, with the last results of their probes. */
export const farmHealthSchema = z
  .strictObject({
    name: z.string(),
    backends: z.array(
      z.strictObject({
        name: z.string(),
        health: backendHealthSchema.nullable().describe('null when it is not monitored or the agent is away.'),
        probes: z.array(probeHistorySchema).describe('One for each address that it is asked at: its own, and in mode dsr every VIP through it.'),
      }),
    ),
  })
  .meta({ id: 'FarmHealth' })

/** A change of health as it is kept, for 30 days. */
export const eventSchema = z.strictObject({ id: z.int(), ...healthEventSchema.shape }).meta({ id: 'Event' })

export const tokenScopes = ['read', 'operate', 'write', 'admin'] as const
export const tokenSchema = z
  .strictObject({
    name: z.string(),
    scope: z.enum(tokenScopes),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Token' })

/** The answer to making a token: its secret is in here once and never again. */
export const createdTokenSchema = tokenSchema.extend({ token: z.string().describe('Shown this one time.') }).meta({ id: 'CreatedToken' })

export type ChangeReply = z.output<typeof changeReplySchema>
export type DryRunReply = z.output<typeof dryRunReplySchema>
export type SystemStatus = z.output<typeof systemStatusSchema>
export type ProblemDetails = z.output<typeof problemDetailsSchema>
export type FarmHealth = z.output<typeof farmHealthSchema>
export type Event = z.output<typeof eventSchema>
export type AuditEntry = z.output<typeof auditEntrySchema>
export type Token = z.output<typeof tokenSchema>
export type TokenScope = (typeof tokenScopes)[number]
export type Revision = z.output<typeof revisionSchema>
export type Session = z.output<typeof sessionSchema>
export type CreatedToken = z.output<typeof createdTokenSchema>
