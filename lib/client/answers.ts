import { z } from 'zod'
import { farmSchema } from '#lib/domain/farm.ts'
import { interfaceSchema } from '#lib/domain/interface.ts'
import { auditEntrySchema, tokenSchema } from '#lib/domain/replies.ts'
import { prepSystemSchema } from '#lib/prep/prep.ts'

const next = z.string().nullable()

export const farmPageSchema = z.object({ items: z.array(farmSchema), next })
export const auditPageSchema = z.object({ items: z.array(auditEntrySchema), next })
export const tokenListSchema = z.object({ items: z.array(tokenSchema) })
export const interfaceListSchema = z.object({ items: z.array(interfaceSchema).nullable() })

export const revisionSchema = z.object({
  generation: z.int(),
  at: z.iso.datetime(),
  actor: z.string(),
  comment: z.string().nullable(),
  changes: z.array(z.object({ farm: z.string(), before: farmSchema.nullable(), after: farmSchema.nullable() })),
})
export const revisionPageSchema = z.object({ items: z.array(revisionSchema), next })

export const sessionSchema = z.object({ user: z.object({ name: z.string(), mustChangePassword: z.boolean() }).nullable(), setupNeeded: z.boolean() })

/** The answer to making a token: its secret is in here once and never again. */
export const createdTokenSchema = tokenSchema.extend({ token: z.string() })

export const prepAnswerSchema = z.object({
  system: prepSystemSchema,
  filename: z.string(),
  mediaType: z.string(),
  text: z.string(),
  changes: z.array(z.object({ what: z.string(), why: z.string() })),
  commands: z.object({ apply: z.string(), check: z.string(), undo: z.string() }),
  sha256: z.string(),
})

export const rulesetSchema = z.object({ text: z.string() })
export const nftlbSchema = z.unknown()
export const noContentSchema = z.unknown()

export type FarmPage = z.output<typeof farmPageSchema>
export type Session = z.output<typeof sessionSchema>
export type Revision = z.output<typeof revisionSchema>
export type CreatedToken = z.output<typeof createdTokenSchema>
export type PrepAnswer = z.output<typeof prepAnswerSchema>

export { prepSystems, type PrepSystem } from '#lib/prep/prep.ts'
