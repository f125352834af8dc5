import { describe, expect, test } from 'vitest'
import { durationText, farmResultText, findingsOf, needsLook, scopeTitle, summaryText } from '#components/doctor/doctor-words.ts'
import { planOf } from '#components/doctor/schedule-plan.ts'
import { doctorCrons } from '#lib/domain/doctor/schedule.ts'
import type { DoctorFarm, DoctorFinding, DoctorRow } from '#lib/domain/doctor/run.ts'
import type { Severity } from '#lib/domain/fault.ts'

function finding(severity: Severity, title: string): DoctorFinding {
  return { code: 'off-network', severity, title, evidence: 'Nobody answered.', causes: [{ cause: 'It is off.', fix: 'Start it.' }], next: null }
}

function row(backend: string, ...findings: DoctorFinding[]): DoctorRow {
  return { backend, address: '203.0.113.21', mac: null, cells: [], findings }
}

function farm(name: string, different: Partial<DoctorFarm> = {}): DoctorFarm {
  return { farm: name, at: '2026-11-21T12:00:00.000Z', trouble: null, rows: [row('web1')], lan: [], ...different }
}

test.each([
  [{ backends: 30, healthy: 28, findings: 3 }, 0, '28 of 30 backends without a finding; 3 findings'],
  [{ backends: 30, healthy: 30, findings: 0 }, 0, 'All 30 backends are without a finding'],
  [{ backends: 1, healthy: 1, findings: 0 }, 0, 'The backend is without a finding'],
  [{ backends: 1, healthy: 0, findings: 1 }, 0, '0 of 1 backend without a finding; 1 finding'],
  [{ backends: 2, healthy: 2, findings: 1 }, 0, 'All 2 backends are without a finding; 1 finding'],
  [{ backends: 12_000, healthy: 11_000, findings: 1500 }, 1, '11,000 of 12,000 backends without a finding; 1,500 findings; 1 farm could not be examined'],
  [{ backends: 0, healthy: 0, findings: 0 }, 2, 'No backend was examined; 2 farms could not be examined'],
  [{ backends: 0, healthy: 0, findings: 0 }, 0, 'No backend was examined'],
])('%o with %d farms in trouble reads %s', (counts, troubled, text) => {
  expect(summaryText(counts, troubled)).toBe(text)
})

test.each([
  ['2026-11-21T12:00:00.400Z', '0 s'],
  ['2026-11-21T12:00:34.000Z', '34 s'],
  ['2026-11-21T12:02:05.000Z', '2 min 5 s'],
  ['2026-11-21T13:03:59.000Z', '1 h 3 min'],
])('from noon until %s it took %s', (to, text) => {
  expect(durationText('2026-11-21T12:00:00.000Z', to)).toBe(text)
})

test.each([
  [{ farm: null, backend: null }, 'Everything'],
  [{ farm: 'web', backend: null }, 'web'],
  [{ farm: 'web', backend: 'web1' }, 'web / web1'],
])('the scope %o is called %s', (scope, text) => {
  expect(scopeTitle(scope)).toBe(text)
})

describe('findings of several farms', () => {
  const farms = [farm('a', { rows: [row('a1', finding('warning', 'second'))] }), farm('b', { rows: [row('b1', finding('critical', 'first')), row('b2')], lan: [finding('info', 'third')] })]

  test('the worst come first, each with the place that it was made at', () => {
    expect(findingsOf(farms).map((placed) => [placed.finding.title, placed.farm, placed.row?.backend ?? null])).toEqual([
      ['first', 'b', 'b1'],
      ['second', 'a', 'a1'],
      ['third', 'b', null],
    ])
  })

  test('a farm is to be looked at when something was found at a backend or beside them, or when it could not be examined', () => {
    expect([...farms, farm('lan', { lan: [finding('critical', 'stranger')] }), farm('away', { trouble: 'The agent does not answer.', rows: [] }), farm('fine')].map(needsLook)).toEqual([true, true, true, true, false])
  })

  test('a farm says in a few words what was found', () => {
    expect(farms.map(farmResultText)).toEqual(['0 of 1 backend without a finding; 1 finding', '1 of 2 backends without a finding; 2 findings'])
    expect(farmResultText(farm('away', { trouble: 'The agent does not answer.', rows: [] }))).toBe('Could not be examined')
  })
})

test.each([
  [null, 'off'],
  [doctorCrons.hourly, 'hourly'],
  [doctorCrons.nightly, 'nightly'],
  ['*/10 * * * *', 'own'],
])('the schedule %s is %s', (cron, plan) => {
  expect(planOf(cron)).toBe(plan)
})
