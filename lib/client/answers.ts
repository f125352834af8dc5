import { z } from 'zod'
import { doctorRunSchema } from '#lib/domain/doctor/run.ts'
import { farmSchema } from '#lib/domain/farm.ts'
import { interfaceSchema } from '#lib/domain/interface.ts'
import { auditEntrySchema, eventSchema, revisionSchema, tokenSchema } from '#lib/domain/replies.ts'

/** Lists and texts around the shapes of the domain. */
const next = z.string().nullable()

export const farmPageSchema = z.object({ items: z.array(farmSchema), next })
export const auditPageSchema = z.object({ items: z.array(auditEntrySchema), next })
export const eventPageSchema = z.object({ items: z.array(eventSchema), next })
export const revisionPageSchema = z.object({ items: z.array(revisionSchema), next })
export const doctorRunPageSchema = z.object({ items: z.array(doctorRunSchema), next })
export const tokenListSchema = z.object({ items: z.array(tokenSchema) })
export const interfaceListSchema = z.object({ items: z.array(interfaceSchema).nullable() })
export const rulesetSchema = z.object({ text: z.string() })
export const nftlbSchema = z.object({ farms: z.unknown(), notes: z.array(z.string()) })
export const noContentSchema = z.unknown()

export type FarmPage = z.output<typeof farmPageSchema>
