import { expect, vi } from 'vitest'
import type { DoctorReport, DoctorRun } from '#lib/domain/doctor/run.ts'
import type { Console } from './console.ts'
import { evidenceOf } from './doctor-evidence.ts'
import type { FakeAgent } from './fake-agent.ts'

export const runs = '/api/v1/doctor-runs'

/** Starts a run and answers what the console said to it. */
export async function startRun(it: Console, scope: object = {}): Promise<DoctorRun> {
  const { status, body } = await it.api('POST', runs, { as: 'operate', body: scope })
  expect(status).toBe(202)
  return body as unknown as DoctorRun
}

export async function reportOf(it: Console, run: number): Promise<DoctorReport> {
  const { status, body } = await it.api('GET', `${runs}/${run}`, { as: 'read' })
  expect(status).toBe(200)
  return body as unknown as DoctorReport
}

/** Waits until a report is as it should be. */
export async function seeReport(it: Console, run: number, check: (report: DoctorReport) => void): Promise<DoctorReport> {
  return vi.waitFor(async () => {
    const report = await reportOf(it, run)
    check(report)
    return report
  }, { timeout: 8000, interval: 10 })
}

/** Waits until a run is done. */
export function whenDone(it: Console, run: number): Promise<DoctorReport> {
  return seeReport(it, run, ({ state }) => expect(state).toBe('done'))
}

/** Starts a run and waits until it is done. */
export async function runThrough(it: Console, scope: object = {}): Promise<DoctorReport> {
  return whenDone(it, (await startRun(it, scope)).id)
}

/** Lets the agent answer for a farm only when the test says so. `asked` has what it was asked for, in that order. */
export function holdDoctor({ agent }: { agent: FakeAgent }): { asked: string[]; release: (farm: string) => void } {
  const asked: string[] = []
  const gates = new Map<string, PromiseWithResolvers>()
  const gateOf = (farm: string): PromiseWithResolvers => {
    const gate = gates.get(farm) ?? withResolvers()
    gates.set(farm, gate)
    return gate
  }
  agent.doctor = async (farm, request) => {
    asked.push(farm.name)
    await gateOf(farm.name).promise
    return evidenceOf(farm, request)
  }
  return { asked, release: (farm) => gateOf(farm).resolve() }
}

type PromiseWithResolvers = { promise: Promise<void>; resolve: () => void }

function withResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
