import type { z } from 'zod'
import { addressSchema, backendSchema, farmSchema, withDefaults, type Backend, type Farm } from './farm.ts'
import type { Interface } from './interface.ts'
import { pointerOf, type Problem } from './problem.ts'

/** A farm as far as its single fields are valid; what is missing has a problem of its own already. Backends and VIPs are in the order of the input; an additional VIP that is no address is undefined. */
export type Draft = Partial<Omit<Farm, 'additionalVips' | 'backends'>> & { additionalVips?: Array<string | undefined>; backends: Array<Partial<Backend>> }

/** What a farm is checked against. `others` need only hold the farms that share a VIP or a backend's address; `interfaces` is null when no agent can be asked. */
export type Surroundings = { others: readonly Farm[]; interfaces: readonly Interface[] | null }

/** Parses a farm field by field: the valid fields, and a problem for each of the others. */
export function parseDraft(input: unknown): { draft: Draft; problems: Problem[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { draft: { backends: [] }, problems: [{ pointer: '', code: 'type-invalid', message: 'A farm is a JSON object.', hint: 'Send an object like {"name": "web", "vip": "203.0.113.7", …}.' }] }
  }
  const problems: Problem[] = []
  const { backends: raw, ...fields } = withDefaults(input as Record<string, unknown>)
  const shape: Record<string, z.ZodType> = farmSchema.shape
  const draft: Record<string, unknown> = parseFields(fields, shape, ['backends'], [], problems)
  const list = Array.isArray(raw) ? raw : []
  const whole = farmSchema.shape.backends.safeParse(raw)
  if (!whole.success) problems.push(...whole.error.issues.filter((issue) => issue.path.length === 0).map((issue) => toProblem(issue, ['backends'])))
  const backends = list.map((backend: unknown, index) => {
    const path = ['backends', index]
    if (typeof backend !== 'object' || backend === null || Array.isArray(backend)) {
      problems.push({ pointer: pointerOf(path), code: 'type-invalid', message: 'A backend is a JSON object.', hint: 'Send an object like {"name": "web1", "address": "203.0.113.21"}.' })
      return {}
    }
    return parseFields(backend as Record<string, unknown>, backendSchema.shape, [], path, problems)
  })
  return { draft: { ...draft, additionalVips: parseVips(fields.additionalVips), backends }, problems }
}

function parseVips(raw: unknown): Draft['additionalVips'] {
  return Array.isArray(raw) ? raw.map((address) => addressSchema.safeParse(address).data) : []
}

function parseFields(input: Record<string, unknown>, shape: Record<string, z.ZodType>, skip: string[], path: PropertyKey[], problems: Problem[]): Record<string, unknown> {
  const valid: Record<string, unknown> = {}
  for (const key of Object.keys(input)) {
    if (!Object.hasOwn(shape, key)) {
      problems.push({ pointer: pointerOf([...path, key]), code: 'unknown-key', message: `"${key.slice(0, 40)}" is not a field here.`, hint: `The fields are ${Object.keys(shape).join(', ')}.` })
    }
  }
  for (const [key, schema] of Object.entries(shape)) {
    if (skip.includes(key)) continue
    const result = schema.safeParse(input[key])
    if (result.success) valid[key] = result.data
    else problems.push(...result.error.issues.map((issue) => toProblem(issue, [...path, key], input[key] === undefined)))
  }
  return valid
}

/** The VIPs that are valid so far, each with the pointer to where it stands. */
export function draftVips({ vip, additionalVips = [] }: Pick<Draft, 'vip' | 'additionalVips'>): Array<{ address: string; pointer: string }> {
  return [...(vip === undefined ? [] : [{ address: vip, pointer: '/vip' }]), ...additionalVips.flatMap((address, index) => (address === undefined ? [] : [{ address, pointer: pointerOf(['additionalVips', index]) }]))]
}

/** What helps with a number or a list out of bounds, where its message does not say all. */
const hints: Record<string, string> = {
  additionalVips: 'Write a list of addresses, such as ["203.0.113.8"]; what is beyond 15 needs a second farm.',
  handoverPeriod: 'An hour, 3600 seconds, suits most services.',
  handoverSize: '65536 suits most services.',
  interval: '2 seconds suit most services.',
  timeout: '1 second suits most services.',
  rise: '2 suits most services.',
  fall: '3 suits most services.',
  slowStart: '0 gives a backend its whole share at once.',
}

const typeWords: Partial<Record<string, string>> = { array: 'a list', object: 'an object', string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false' }
const typeHints: Partial<Record<string, string>> = {
  array: 'Put it in square brackets; an empty list is [].',
  object: 'Put it in braces, such as {"name": "web1", "address": "203.0.113.21"}.',
  string: 'Put it in double quotes.',
  number: 'Write it without quotes.',
  int: 'Write it without quotes and without a fraction.',
}

/** Turns a zod issue into a problem; `path` is where the checked value stands in the input. */
export function toProblem(issue: z.core.$ZodIssue, path: readonly PropertyKey[], missing = false): Problem {
  const pointer = pointerOf([...path, ...issue.path])
  if (missing && issue.path.length === 0) return { pointer, code: 'required', message: 'This field is required.', hint: 'Fill it in.' }
  if (issue.code === 'custom') {
    const params = issue.params ?? {}
    return { pointer, code: String(params.code ?? 'invalid'), message: issue.message, hint: String(params.hint ?? '') }
  }
  if (issue.code === 'invalid_type') return { pointer, code: 'type-invalid', message: `This must be ${typeWords[issue.expected] ?? issue.expected}.`, hint: typeHints[issue.expected] ?? '' }
  if (issue.code === 'invalid_value') return { pointer, code: 'value-invalid', message: 'This value is not one of those allowed.', hint: `Use one of: ${issue.values.map(String).join(', ')}.` }
  if (issue.code === 'invalid_union' && 'options' in issue) return { pointer, code: 'value-invalid', message: 'This value is not one of those allowed.', hint: `Use one of: ${(issue.options ?? []).map(String).join(', ')}.` }
  if (issue.code === 'unrecognized_keys') return { pointer, code: 'unknown-key', message: `Unknown field ${issue.keys.join(', ')}.`, hint: 'Remove it.' }
  return { pointer, code: issue.code.replaceAll('_', '-'), message: issue.message, hint: hints[String([...path, ...issue.path].at(-1))] ?? '' }
}
