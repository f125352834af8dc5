import { describe, expect, test } from 'vitest'
import { doneText, isDone, nextToDo, statusText, summaryOf, systemGroups } from '#components/prep/prep-words.ts'
import { prepSystems } from '#lib/prep/prep.ts'
import type { PrepState, PrepStatus, Verification } from '#lib/prep/state.ts'

const at = Date.parse('2026-11-21T12:00:00Z')

function state(backend: string, status: PrepStatus, changes: string[] = []): PrepState {
  const verification: Verification = { receivedAt: '2026-11-21T11:58:00Z', checkedAt: '2026-11-21T11:58:00Z', by: 'link', system: 'linux', passed: status !== 'failed', open: [], items: [], changes }
  const none = status === 'never-checked' || status === 'not-needed'
  return { backend, address: '203.0.113.21', farms: ['web'], system: 'linux', status, reason: null, verification: none ? null : verification }
}

test('every system can be chosen, once', () => {
  expect(systemGroups.flatMap(({ options }) => options.map(({ value }) => value)).sort()).toEqual([...prepSystems].sort())
})

test.each<[PrepState, string]>([
  [state('web1', 'never-checked'), 'Never checked'],
  [state('web1', 'verified'), 'Verified 2 min ago'],
  [state('web1', 'failed'), 'Failed 2 min ago'],
  [state('web1', 'open'), 'Checked 2 min ago, with open points'],
  [state('web1', 'stale', ['VIP 203.0.113.7 was added.']), 'Run again: VIP 203.0.113.7 was added'],
  [state('web1', 'stale', ['VIP 203.0.113.7 was added.', 'VIP 203.0.113.8 was added.', 'VIP 203.0.113.9 was added.']), 'Run again: VIP 203.0.113.7 was added, and 2 more'],
  [state('web1', 'not-needed'), 'Nothing to prepare'],
])('%o reads %s', (one, text) => {
  expect(statusText(one, at)).toBe(text)
})

describe('the line of a farm', () => {
  test.each<[PrepStatus[], string, string | null]>([
    [['failed', 'stale', 'verified'], 'b0 failed its check', 'b0'],
    [['verified', 'failed', 'failed'], '2 of 3 backends failed their check', 'b1'],
    [['verified', 'stale', 'never-checked'], 'b1 must run its script again', 'b1'],
    [['stale', 'stale'], 'All 2 backends must run their script again', 'b0'],
    [['never-checked', 'verified'], 'b0 was never checked', 'b0'],
    [['never-checked', 'never-checked'], 'None of the 2 backends was checked yet', 'b0'],
    [['open', 'never-checked'], 'b1 was never checked', 'b1'],
    [['verified', 'open'], 'b1 has open points', 'b1'],
    [['open', 'open'], 'All 2 backends have open points', 'b0'],
    [['verified'], 'b0 is verified', null],
    [['verified', 'not-needed', 'verified'], 'All 2 backends are verified', null],
  ])('of %o is: %s', (statuses, text, backend) => {
    expect(summaryOf(statuses.map((status, index) => state(`b${index}`, status)))).toMatchObject({ text, backend })
  })

  test('is not there where nothing is to prepare', () => {
    expect(summaryOf([state('web1', 'not-needed')])).toBeNull()
    expect(summaryOf([])).toBeNull()
  })
})

test.each<[string | null, string | null]>([
  [null, 'b1'],
  ['b0', 'b1'],
  ['b1', 'b3'],
  ['b3', 'b1'],
])('after %s comes %s: what is verified or needs nothing is passed over', (after, next) => {
  const states = (['verified', 'stale', 'not-needed', 'never-checked'] as const).map((status, index) => state(`b${index}`, status))
  expect(nextToDo(states, after)?.backend ?? null).toBe(next)
})

test('a backend is not its own next one', () => {
  expect(nextToDo([state('b0', 'failed'), state('b1', 'verified')], 'b0')).toBeNull()
})

test('one with open points is as far as its check can tell: it is named, and no work is left', () => {
  expect(isDone(state('web1', 'open'))).toBe(true)
  expect(doneText([state('web1', 'open'), state('web2', 'verified')])).toBe('1 backend is verified. With open points: web1.')
})

test('a machine that nothing can report on is checked by hand: a hint to people, no work that is left', () => {
  const freebsd: PrepState = { ...state('bsd', 'never-checked'), system: 'freebsd' }
  expect(statusText(freebsd, at)).toBe('Checked by hand')
  expect(isDone(freebsd)).toBe(true)
  expect(summaryOf([freebsd, state('web1', 'verified')])).toMatchObject({ status: 'verified', text: 'web1 is verified' })
  expect(doneText([freebsd, state('web1', 'verified')])).toBe('1 backend is verified. Checked by hand: bsd.')
  expect(doneText([state('web1', 'verified'), state('web2', 'verified'), state('web3', 'not-needed')])).toBe('All 2 backends are verified: done.')
})
