import { z } from 'zod'
import type { ZodOpenApiPathsObject } from 'zod-openapi'
import { doctorReportSchema, doctorRunSchema, doctorScopeSchema, farmDoctorSchema } from '#lib/domain/doctor/run.ts'
import { doctorScheduleSchema } from '#lib/domain/doctor/schedule.ts'
import { reportQuerySchema } from './doctor-report.ts'
import { doctorScheduleBodySchema } from './doctor-schedule.ts'
import { answer, body, farmPath, refused, scoped } from './openapi-parts.ts'
import { numberPageSchema, pageOf } from './page.ts'

const runPath = z.object({ run: z.string().describe('Id of the run.') })
const schedule = answer('The schedule.', doctorScheduleSchema)

/** The paths of the doctor. */
export const doctorPaths: ZodOpenApiPathsObject = {
  '/doctor-runs': {
    get: scoped('read', { summary: 'Runs of the doctor, newest first', requestParams: { query: numberPageSchema }, responses: { '200': answer('One page. The last 100 runs are kept, fewer when they are large.', pageOf(doctorRunSchema)) } }),
    post: scoped('operate', {
      summary: 'Let the doctor examine a backend, a farm or everything',
      requestBody: body(doctorScopeSchema),
      responses: { '202': answer('The run, which goes on by itself. Only one with the same scope at a time.', doctorRunSchema), ...refused(400, 404, 409, 413, 415, 422) },
    }),
  },
  '/doctor-runs/{run}': {
    get: scoped('read', { summary: 'A run with what it found so far', requestParams: { path: runPath, query: reportQuerySchema }, responses: { '200': answer('The report; farms that were not examined yet are missing.', doctorReportSchema), ...refused(404) } }),
  },
  '/farms/{farm}/doctor': {
    get: scoped('read', { summary: 'The newest of what the doctor found at a farm', requestParams: { path: farmPath }, responses: { '200': answer('Backend by backend.', farmDoctorSchema), ...refused(404) } }),
  },
  '/doctor-schedule': {
    get: scoped('read', { summary: 'When the doctor examines everything by itself', responses: { '200': schedule } }),
    put: scoped('write', { summary: 'Set when the doctor examines everything by itself', requestBody: body(doctorScheduleBodySchema), responses: { '200': schedule, ...refused(400, 413, 415, 422) } }),
  },
}
