import { z } from 'zod'
import { verdicts } from './finding.ts'
import { prepSystemSchema } from './prep.ts'
import { reportSystems } from './report.ts'

/**
 * How far the preparation of a machine is. `stale`: its farms changed since the check, so the script must run again. `open`: nothing failed,
 * but not all that must be right is known to be.
 */
export const prepStatuses = ['not-needed', 'never-checked', 'failed', 'stale', 'open', 'verified'] as const
export type PrepStatus = (typeof prepStatuses)[number]

export const explainedItemSchema = z.strictObject({
  code: z.string(),
  subject: z.string(),
  verdict: z.enum(verdicts),
  found: z.string(),
  text: z.string().describe('The check in words.'),
  fix: z.string().nullable().describe('What to do, or null.'),
})

/** The last check that reached the console. */
export const verificationSchema = z
  .strictObject({
    receivedAt: z.iso.datetime(),
    checkedAt: z.iso.datetime().describe("By the backend's own clock."),
    by: z.string().describe('user:NAME or token:NAME of who handed it in, or link when the script sent it by its link.'),
    system: z.enum(reportSystems),
    passed: z.boolean().describe('No check failed.'),
    open: z.array(z.string()).describe('What keeps it from being verified although no check failed, a sentence each: what the check could not tell, or did not look at.'),
    items: z.array(explainedItemSchema),
    changes: z.array(z.string()).describe('What changed at its farms since, a sentence each.'),
  })
  .meta({ id: 'PrepVerification' })
export type Verification = z.output<typeof verificationSchema>

/** What the console knows of the preparation of the machine behind a backend, known by its address in all farms. */
export const prepStateSchema = z
  .strictObject({
    backend: z.string(),
    address: z.string(),
    farms: z.array(z.string()).describe('The farms in mode dsr that this machine serves.'),
    system: prepSystemSchema.describe('What was chosen last; when nothing was, that of the last check, else linux.'),
    status: z.enum(prepStatuses),
    reason: z.string().nullable().describe('With `not-needed`: why.'),
    verification: verificationSchema.nullable(),
  })
  .meta({ id: 'PrepState' })
export type PrepState = z.output<typeof prepStateSchema>

export const prepStatesSchema = z.strictObject({ items: z.array(prepStateSchema) }).meta({ id: 'PrepStates' })

/** A link that hands out one backend's script without signing in, and takes its report. */
export const prepLinkSchema = z
  .strictObject({
    path: z.string().describe('Append it to the address of the console.'),
    system: prepSystemSchema,
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'PrepLink' })
export type PrepLink = z.output<typeof prepLinkSchema>

/** The fold of what is known into one word. */
export function prepStatus(needed: boolean, verification: Pick<Verification, 'passed' | 'open' | 'changes'> | null): PrepStatus {
  if (!needed) return 'not-needed'
  if (!verification) return 'never-checked'
  if (verification.changes.length > 0) return 'stale'
  if (!verification.passed) return 'failed'
  return verification.open.length > 0 ? 'open' : 'verified'
}
