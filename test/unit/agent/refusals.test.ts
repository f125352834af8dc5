import { expect, test } from 'vitest'
import { refusals } from '#agent/server.ts'
import type { FarmInput } from '#lib/domain/farm.ts'
import { farm } from '../domain/farms.ts'

const first = farm({ name: 'first', vip: '203.0.113.8', additionalVips: ['203.0.113.9', '203.0.113.10'] })
const existing = new Map([[first.name, first]])

test.each<[string, Partial<FarmInput>, string[]]>([
  ['the VIP of another farm as an additional one', { additionalVips: ['203.0.113.8'] }, ['web /additionalVips/0']],
  ['an additional VIP of another farm', { vip: '203.0.113.10' }, ['web /ports']],
  ['no VIP of another farm', { additionalVips: ['203.0.113.11'] }, []],
])('the agent looks at every VIP by itself: %s', (_, changes, expected) => {
  expect(refusals([farm(changes)], existing, []).map((problem) => `${problem.farm} ${problem.pointer}`)).toEqual(expected)
})

test('farms of one change are looked at too, and those that go are not', () => {
  const second = farm({ name: 'second', vip: '203.0.113.9' })
  expect(refusals([first, second], new Map(), []).map((problem) => `${problem.farm} ${problem.pointer}`)).toEqual(['first /additionalVips/0', 'second /ports'])
  expect(refusals([second], existing, ['first'])).toEqual([])
})
