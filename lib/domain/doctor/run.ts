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

/** A doctor's run without its farms. Of `scope`, null means all. */
export const doctorRunSchema = z
  .strictObject({
    id: z.int(),
    state: z.enum(doctorRunStates).describe('interrupted: the console ended meanwhile; what was found until then is kept.'),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    actor: z.string().describe('user:NAME, token:NAME, or schedule.'),
    scope: z.strictObject({ farm: z.string().nullable(), backend: z.string().nullable() }),
    progress: z.strictObject({ done: z.int(), total: z.int() }).describe('Farms.'),
    counts: z.strictObject({ backends: z.int(), healthy: z.int().describe('Backends without a finding.'), findings: z.int() }),
  })
  .meta({ id: 'DoctorRun' })

export const doctorReportSchema = doctorRunSchema.extend({ farms: z.array(doctorFarmSchema) }).meta({ id: 'DoctorReport' })

export type DoctorCell = z.output<typeof doctorCellSchema>
export type DoctorFinding = z.output<typeof doctorFindingSchema>
export type DoctorRow = z.output<typeof doctorRowSchema>
export type DoctorFarm = z.output<typeof doctorFarmSchema>
export type DoctorRun = z.output<typeof doctorRunSchema>
export type DoctorReport = z.output<typeof doctorReportSchema>
