import { z } from 'zod'
import { farmSchema, nameSchema } from './farm.ts'

/** The whole wanted document. `generation` grows by one with every saved change. */
export const desiredSchema = z
  .strictObject({ generation: z.int().min(0), farms: z.array(farmSchema) })
  .meta({ id: 'Desired' })

/**
 * A change of the wanted document: valid on top of generation `base` only. It keeps the work per change independent of the
 * number of farms; whoever has another base answers so and gets the whole document.
 */
export const desiredChangeSchema = z
  .strictObject({ base: z.int().min(0), generation: z.int().min(1), put: z.array(farmSchema), remove: z.array(nameSchema) })
  .meta({ id: 'DesiredChange' })

export type Desired = z.output<typeof desiredSchema>
export type DesiredChange = z.output<typeof desiredChangeSchema>
