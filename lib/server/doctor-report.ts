import { z } from 'zod'
import type { DoctorRun } from '#lib/domain/doctor/run.ts'
import { byName } from '#lib/domain/name.ts'
import { db } from './db.ts'
import { foundOf } from './doctor-results.ts'
import { runOf } from './doctor-runs.ts'
import { download } from './prep.ts'
import { Refusal } from './refusal.ts'

export const reportQuerySchema = z.object({ download: z.enum(['true', 'false']).default('false').describe('true: as a file to be saved.') })

/** Results that are in memory at once: one farm may have 256 backends with some 2 kB each. */
const atOnce = 10

/** A run with what it found, farms in the order of their names; refuses when there is no such run. */
export async function runReport(given: string, asFile: boolean): Promise<Response> {
  const id = /^[1-9]\d{0,14}$/.test(given) ? Number(given) : 0
  const { row, results } = await db().$transaction(async (tx) => ({
    row: await tx.doctorRun.findUnique({ where: { id } }),
    results: await tx.doctorResult.findMany({ where: { runId: id }, select: { id: true, farmName: true } }),
  }))
  if (!row) throw new Refusal('not-found', `There is no run ${given}. Old runs are deleted.`)
  const order = results.map(({ id: result, farmName }) => ({ id: result, name: farmName })).sort(byName)
  const text = streamOf(reportText(runOf(row), order.map((result) => result.id)))
  return asFile ? download(text, `tangent-doctor-${id}.json`, 'application/json') : new Response(text, { headers: { 'content-type': 'application/json' } })
}

/** The JSON of a report in pieces: a large one is never in memory as a whole. */
async function* reportText(run: DoctorRun, order: readonly number[]): AsyncGenerator<string> {
  yield `${JSON.stringify(run).slice(0, -1)},"farms":[`
  for (let start = 0; start < order.length; start += atOnce) {
    const ids = order.slice(start, start + atOnce)
    const rows = new Map((await db().doctorResult.findMany({ where: { id: { in: ids } } })).map((row) => [row.id, row]))
    const texts = ids.flatMap((id) => rows.get(id) ?? []).map((row) => JSON.stringify(foundOf(row)))
    yield `${start > 0 ? ',' : ''}${texts.join(',')}`
  }
  yield ']}'
}

function streamOf(parts: AsyncGenerator<string>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await parts.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel: async () => {
      await parts.return(undefined)
    },
  })
}
