import { expect, test } from 'vitest'
import { dampedText, msText, placeText, resultText, slowText } from '#components/health/health-words.ts'
import { probeReasons } from '#lib/domain/monitor.ts'
import { healthy } from '#test/unit/domain/samples.ts'

const plain = (text: string | null): string | undefined => text?.replaceAll(/[\u00a0\u202f]/g, ' ')

test('a probe is told with its time, how long it took and what came of it', () => {
  const at = new Date(2026, 10, 21, 12, 3, 10).getTime()
  expect(plain(resultText({ at, ms: 0.84, reason: null }))).toMatch(/^12:03:10.* · 0\.8 ms · answered$/)
  expect(plain(resultText({ at, ms: 1000.4, reason: 'timeout' }))).toMatch(/ · 1,000 ms · no answer in time$/)
  for (const reason of probeReasons) expect(resultText({ at, ms: 1, reason })).not.toContain('undefined')
})

test('milliseconds have a decimal place below ten', () => {
  expect([0, 0.25, 9.94, 10.4, 2500].map((ms) => plain(msText(ms)))).toEqual(['0.0 ms', '0.3 ms', '9.9 ms', '10 ms', '2,500 ms'])
})

test('an IPv6 address stands in brackets before a port, and no port is none', () => {
  expect([placeText({ address: '2001:db8::7', port: 80 }), placeText({ address: '203.0.113.7', port: 80 }), placeText({ address: '2001:db8::7', port: null })]).toEqual(['[2001:db8::7]:80', '203.0.113.7:80', '2001:db8::7'])
})

test('what holds a backend back is said: until when, or for how long it must answer first', () => {
  expect(dampedText(healthy)).toBeNull()
  expect(plain(dampedText({ damped: { seconds: 16, until: null } }))).toBe('It failed too often in ten minutes. When it answers again it must do so for 16 s before it comes back.')
  expect(plain(dampedText({ damped: { seconds: 16, until: new Date(2026, 10, 21, 12, 3, 10).toISOString() } }))).toMatch(/^It failed too often in ten minutes\. It comes back at 12:03:10.* if it goes on answering\.$/)
})

test('the share of a slow start is said as long as it is not whole', () => {
  expect([slowText({ part: 1 }), plain(slowText({ part: 0.25 }))]).toEqual([null, 'It starts slowly and has 25 % of its share now.'])
})
