import { z } from 'zod'
import { severities } from '../fault.ts'
import { doctorCheckNames, doctorVerdicts } from './checks.ts'

/** One field of the matrix. */
export const doctorCellSchema = z
  .strictObject({ check: z.enum(doctorCheckNames), verdict: z.enum(doctorVerdicts), evidence: z.string().describe('What was seen, in words.') })
  .meta({ id: 'DoctorCell' })

/** What is wrong. Where the wire cannot tell causes apart, `causes` has each that remains; a certain one stands alone. */
export const doctorFindingSchema = z
  .strictObject({
    code: z.string().describe('Stable name of the kind of finding.'),
    severity: z.enum(severities),
    title: z.string(),
    evidence: z.string().describe('What was seen, with addresses.'),
    causes: z.array(z.strictObject({ cause: z.string(), fix: z.string() })).min(1).describe('What may be the reason, with what mends it; several where nothing on the network tells them apart.'),
    next: z.string().nullable().describe('How to find out which cause it is; null when there is one.'),
  })
  .meta({ id: 'DoctorFinding' })

export const doctorRowSchema = z
  .strictObject({ backend: z.string(), address: z.string(), mac: z.string().nullable(), cells: z.array(doctorCellSchema), findings: z.array(doctorFindingSchema) })
  .meta({ id: 'DoctorRow' })

/** What was found at one farm. `lan` is about machines that are no backends of it. */
export const doctorFarmSchema = z
  .strictObject({
    farm: z.string(),
    at: z.iso.datetime().describe('When its examination ended.'),
    trouble: z.string().nullable().describe('Why it could not be examined; null when it was.'),
    rows: z.array(doctorRowSchema),
    lan: z.array(doctorFindingSchema),
  })
  .meta({ id: 'DoctorFarm' })

export const doctorRunStates = ['running', 'done', 'interrupted'] as const

/** What a run examines: everything, one farm, or one backend of it. */
export const doctorScopeSchema = z
  .strictObject({ farm: z.string().nullable().default(null).describe('null: all farms.'), backend: z.string().nullable().default(null).describe('null: all its backends.') })
  .meta({ id: 'DoctorScope' })

/** A doctor's run without its farms. */
export const doctorRunSchema = z
  .strictObject({
    id: z.int(),
    state: z.enum(doctorRunStates).describe('interrupted: it did not get to every farm, because the console ended or could not write; what was found until then is kept.'),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable().describe('null while it runs, and when the console ended meanwhile.'),
    actor: z.string().describe('user:NAME, token:NAME, or schedule.'),
    scope: doctorScopeSchema,
    progress: z.strictObject({ done: z.int(), total: z.int() }).describe('Farms.'),
    counts: z.strictObject({ backends: z.int(), healthy: z.int().describe('Backends without a finding.'), findings: z.int() }),
  })
  .meta({ id: 'DoctorRun' })

export const doctorReportSchema = doctorRunSchema.extend({ farms: z.array(doctorFarmSchema) }).meta({ id: 'DoctorReport' })

/** The newest of what was found at one farm, backend by backend: a run may have examined one alone. */
export const farmDoctorSchema = z
  .strictObject({
    farm: z.string(),
    running: doctorRunSchema.nullable().describe('The run under way that has yet to answer for this farm.'),
    last: z.strictObject({ run: z.int(), at: z.iso.datetime(), trouble: z.string().nullable() }).nullable().describe('The newest examination of it or of one of its backends, also one that failed; null when there is none.'),
    backends: z
      .array(z.strictObject({ backend: z.string(), seen: z.strictObject({ run: z.int(), at: z.iso.datetime(), row: doctorRowSchema }).nullable() }))
      .describe('Those of the farm now, in their order; `seen` is null for one that was not examined since it has its address.'),
    lan: z.array(doctorFindingSchema).describe('About machines that are no backends of it, by the newest examination that succeeded.'),
  })
  .meta({ id: 'FarmDoctor' })

export type DoctorCell = z.output<typeof doctorCellSchema>
export type DoctorFinding = z.output<typeof doctorFindingSchema>
export type DoctorRow = z.output<typeof doctorRowSchema>
export type DoctorFarm = z.output<typeof doctorFarmSchema>
export type DoctorRun = z.output<typeof doctorRunSchema>
export type DoctorScope = z.output<typeof doctorScopeSchema>
export type FarmDoctor = z.output<typeof farmDoctorSchema>
export type DoctorReport = z.output<typeof doctorReportSchema>
