import { z } from 'zod'
import { monitorSchema, probeReasons } from '#lib/domain/monitor.ts'

/**
 * What agent and worker say to each other, one JSON object per line. `host` is where the worker sends to, `asked` the address that
 * people know, for the Host header and for certificates. `phase` is the part of the interval after which a round begins.
 */
const questionSchema = z.strictObject({ key: z.int(), phase: z.number().min(0).max(1), host: z.string(), asked: z.string(), port: z.int().nullable(), monitor: monitorSchema })

export type Question = z.output<typeof questionSchema>

export const orderSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('set'), questions: z.array(questionSchema) }),
  z.strictObject({ do: z.literal('drop'), keys: z.array(z.int()) }),
  z.strictObject({ do: z.literal('once'), question: questionSchema }),
])

export type Order = z.output<typeof orderSchema>

const findingSchema = z.strictObject({ key: z.int(), at: z.number(), ms: z.number(), reason: z.enum(probeReasons).nullable(), detail: z.string().max(500) })

/** What one probe found; `at` is when, in ms since 1970, `ms` how long it took. */
export type Finding = z.output<typeof findingSchema>

export const reportSchema = z.discriminatedUnion('tell', [
  z.strictObject({ tell: z.literal('ready') }),
  /** Once a second at least. `missed`: probes that could not begin in time since the last report. */
  z.strictObject({ tell: z.literal('found'), findings: z.array(findingSchema), missed: z.int() }),
  /** What `once` found. */
  z.strictObject({ tell: z.literal('answer'), finding: findingSchema }),
])

export type Report = z.output<typeof reportSchema>
