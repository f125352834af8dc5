import { z } from 'zod'

export const impactKinds = ['hitless', 'remaps', 'flushes', 'interrupts'] as const

/**
 * What a step does to live connections. `hitless`: nothing. `remaps`: `share` (0 to 1) of the flows move to another backend.
 * `flushes`: persistence entries are deleted. `interrupts`: the farm stops answering, for good or for a moment.
 */
export const impactSchema = z
  .strictObject({ kind: z.enum(impactKinds), share: z.number().min(0).max(1).nullable(), text: z.string() })
  .meta({ id: 'Impact' })

export type Impact = z.output<typeof impactSchema>

/** One action of a plan. `action` is the engine's own verb; `text` says it in words. */
export const stepSchema = z
  .strictObject({ action: z.string(), farm: z.string().nullable(), text: z.string(), impact: impactSchema })
  .meta({ id: 'Step' })

export const planSchema = z.strictObject({ steps: z.array(stepSchema) }).meta({ id: 'Plan' })

export type Step = z.output<typeof stepSchema>
export type Plan = z.output<typeof planSchema>

export const hitless: Impact = { kind: 'hitless', share: null, text: 'No connection is touched.' }

/** The worst impact of a plan's steps; hitless when it has none. */
export function worstImpact(plan: Plan): Impact {
  return plan.steps.reduce<Impact>((worst, { impact }) => (rank(impact) > rank(worst) ? impact : worst), hitless)
}

function rank({ kind, share }: Impact): number {
  return impactKinds.indexOf(kind) + (share ?? 0) / 2
}
