import { expect, test } from 'vitest'
import { indexAt, slotOf, stripPaths } from '#components/health/strip-paths.ts'
import type { ProbeReason } from '#lib/domain/monitor.ts'

const results = (...reasons: Array<ProbeReason | null>) => reasons.map((reason, index) => ({ at: index, ms: 1, reason }))
const starts = (path: string): string[] => [...path.matchAll(/M([\d.]+) (\d)/g)].map(([, x, y]) => `${x} ${y}`)

test('results stand at the right end, the newest one last, failures taller than answers and what was not sent lowest', () => {
  const { good, failed, unsent } = stripPaths(results(null, 'timeout', 'not-possible', null))
  expect([starts(good), starts(failed), starts(unsent)]).toEqual([['56.15 4', '59.15 4'], ['57.15 0'], ['58.15 8']])
})

test('the result under the pointer is found, and none where there is none yet', () => {
  const some = results(null, null, 'refused')
  expect([indexAt(some, 0.999), indexAt(some, 57.5 / 60), indexAt(some, 56.5 / 60), indexAt(some, 0), indexAt(some, 1.2)]).toEqual([2, 0, null, null, 2])
  expect(slotOf(some, 2)).toBe(59)
})
