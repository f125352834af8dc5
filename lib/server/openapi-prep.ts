import { z } from 'zod'
import type { ZodOpenApiPathsObject } from 'zod-openapi'
import { prepReplySchema } from '#lib/prep/prep.ts'
import { reportSchema } from '#lib/prep/report.ts'
import { prepLinkSchema, prepStateSchema, prepStatesSchema } from '#lib/prep/state.ts'
import { answer, backendPath, body, farmPath, open, refused, scoped } from './openapi-parts.ts'
import { prepQuerySchema } from './prep.ts'
import { prepChoiceSchema } from './prep-choice.ts'
import { prepLinkRequestSchema, reportReceiptSchema } from './prep-link.ts'

const linkPath = z.object({ token: z.string().describe('Out of the path of a PrepLink.') })
const file = z.string().meta({ format: 'binary' })
const reportBody = {
  required: true,
  content: { 'application/json': { schema: reportSchema }, 'text/plain': { schema: z.string().describe('What `--check --json` printed, with whatever else was copied from the terminal.') } },
}
const state = answer('What is known of the machine behind the backend.', prepStateSchema)

/** The paths that prepare backends. A machine is known by its address, so all its backends in all farms are one here. */
export const prepPaths: ZodOpenApiPathsObject = {
  '/farms/{farm}/prep': {
    get: scoped('read', {
      summary: 'Scripts of all backends of a farm as a zip, or how far their preparation is',
      requestParams: { path: farmPath },
      responses: {
        '200': { description: 'A zip with the script of each backend for its system; with Accept: application/json the states.', content: { 'application/zip': { schema: file }, 'application/json': { schema: prepStatesSchema } } },
        ...refused(404, 422),
      },
    }),
  },
  '/farms/{farm}/backends/{backend}/prep': {
    get: scoped('read', {
      summary: 'Download the script that prepares the backend',
      requestParams: { path: backendPath, query: prepQuerySchema },
      responses: {
        '200': { description: 'The script as a download; with Accept: application/json the script and what it changes.', content: { 'text/plain': { schema: z.string() }, 'application/json': { schema: prepReplySchema } } },
        ...refused(404, 422),
      },
    }),
  },
  '/farms/{farm}/backends/{backend}/prep/state': {
    get: scoped('read', { summary: 'How far the preparation of a backend is', requestParams: { path: backendPath }, responses: { '200': state, ...refused(404) } }),
  },
  '/farms/{farm}/backends/{backend}/prep/system': {
    put: scoped('operate', { summary: 'Remember which system a backend has', requestParams: { path: backendPath }, requestBody: body(prepChoiceSchema), responses: { '200': state, ...refused(400, 404, 413, 415, 422) } }),
  },
  '/farms/{farm}/backends/{backend}/prep/report': {
    post: scoped('operate', { summary: 'Hand in what a check of the backend reported', requestParams: { path: backendPath }, requestBody: reportBody, responses: { '200': state, ...refused(400, 404, 413, 415, 422) } }),
  },
  '/farms/{farm}/backends/{backend}/prep/link': {
    post: scoped('operate', {
      summary: "Make a short-lived link to a backend's script; it ends the former one",
      requestParams: { path: backendPath },
      requestBody: body(prepLinkRequestSchema),
      responses: { '201': answer('The link, shown this one time.', prepLinkSchema), ...refused(400, 404, 413, 415, 422) },
    }),
  },
  '/prep-links/{token}': {
    get: open({
      summary: 'The script that a link stands for',
      requestParams: { path: linkPath },
      responses: { '200': { description: 'The script as a download.', content: { 'text/plain': { schema: z.string() } } }, ...refused(404, 422) },
    }),
    post: open({
      summary: 'The report of the machine that a link stands for, sent by its script',
      requestParams: { path: linkPath },
      requestBody: reportBody,
      responses: { '200': answer('What became of it.', reportReceiptSchema), ...refused(400, 404, 413, 415, 422) },
    }),
  },
}
