import { expect, test } from 'vitest'
import { agoText } from '#components/ui/ago.ts'

const now = Date.parse('2026-11-21T12:00:00Z')

test.each([
  ['2026-11-21T12:00:05Z', 'just now'],
  ['2026-11-21T11:59:01Z', 'just now'],
  ['2026-11-21T11:58:59Z', '1 min ago'],
  ['2026-11-21T11:00:01Z', '59 min ago'],
  ['2026-11-21T11:00:00Z', '1 h ago'],
  ['2026-11-19T12:00:01Z', '47 h ago'],
  ['2026-11-19T12:00:00Z', '2 days ago'],
])('%s is %s', (iso, text) => {
  expect(agoText(iso, now)).toBe(text)
})
