import { z } from 'zod'
import { toProblem } from '#lib/domain/draft.ts'
import { invalid } from './refusal.ts'

/** One page of a list; `next` is the cursor of the following page, null on the last one. */
export type Page<T> = { items: T[]; next: string | null }

export type PageRequest<C> = { limit: number; cursor: C | null }

/** The shape of a page of these. */
export function pageOf(items: z.ZodType): z.ZodObject {
  return z.object({ items: z.array(items), next: z.string().nullable() })
}

const limitSchema = z.coerce.number('A limit is a number.').int('A limit is a whole number.').min(1, 'A limit is 1 or more.').max(1000, 'A limit is 1000 or less.').default(100)

export const namePageSchema = z.object({ limit: limitSchema, cursor: z.string().max(100).nullable().default(null) })
export const numberPageSchema = z.object({ limit: limitSchema, cursor: z.coerce.number('A cursor is the "next" of the page before.').int().min(0).nullable().default(null) })

/** A page of what happened to a farm, or to one of its backends. */
export const farmEventPageSchema = numberPageSchema.extend({ backend: z.string().max(100).nullable().default(null).describe('Only those of this backend.') })

/** Reads query parameters of the schema's shape; each problem points at /NAME. */
export function readQuery<T extends z.ZodType>(query: URLSearchParams, schema: T): z.output<T> {
  const result = schema.safeParse(Object.fromEntries(query))
  if (result.success) return result.data
  throw invalid(result.error.issues.map((issue) => toProblem(issue, [])))
}

/** Makes a page out of `limit` + 1 rows: the extra row only tells that there is a next page. */
export function cutPage<R, T>(rows: readonly R[], limit: number, cursorOf: (row: R) => string, toItem: (row: R) => T): Page<T> {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { items: page.map(toItem), next: rows.length > limit && last !== undefined ? cursorOf(last) : null }
}
