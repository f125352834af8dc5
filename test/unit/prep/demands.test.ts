import { describe, expect, test } from 'vitest'
import { openPoints } from '#lib/prep/demands.ts'
import { reportSystems } from '#lib/prep/report.ts'
import { report } from './sample-report.ts'

const served = { vips: ['203.0.113.7', '203.0.113.8'], services: ['203.0.113.7/tcp/80,443', '203.0.113.8/udp/53'] }

describe.each(reportSystems)('a report of %s', (system) => {
  const whole = report({ system, ...served })

  test('that speaks of everything has no open point', () => {
    expect(openPoints(whole)).toEqual({ missing: [], unsure: [] })
  })

  test('that leaves out any of its items has one, which names it', () => {
    for (const [index, { code, subject }] of whole.items.entries()) {
      const { missing } = openPoints({ ...whole, items: whole.items.toSpliced(index, 1) })
      expect(missing, `${code} ${subject}`).toEqual([expect.stringContaining(code)])
    }
  })

  test('that could not tell something has one', () => {
    for (const item of whole.items) {
      const unsure = { ...item, verdict: 'warn' as const }
      expect(openPoints({ ...whole, items: whole.items.map((one) => (one === item ? unsure : one)) })).toEqual({ missing: [], unsure: [unsure] })
    }
  })
})

const without = (code: string) => report(served).items.filter((item) => item.code !== code)
const said = (code: string, ...subjects: string[]) => subjects.map((subject) => ({ code, subject, verdict: 'ok' as const, found: '' }))

test('the ports of a service may be spoken of apart', () => {
  const items = [...without('listener'), ...said('listener', '203.0.113.7/tcp/443'), ...said('listener-every-address', '203.0.113.8/udp/53')]
  expect(openPoints(report({ ...served, items })).missing).toEqual(['The check says nothing of 203.0.113.7/tcp/80,443: listener.'])
  expect(openPoints(report({ ...served, items: [...items, ...said('listener-every-address', '203.0.113.7/tcp/80')] })).missing).toEqual([])
})

test('a namespace of its own has no boot that could be looked at', () => {
  const items = [...without('persistence'), { code: 'namespace', subject: '', verdict: 'warn' as const, found: '' }]
  expect(openPoints(report({ ...served, items }))).toEqual({ missing: [], unsure: [] })
})

test('IPv6 needs no ARP settings', () => {
  const six = { backend: '2001:db8::21', vips: ['2001:db8::7'], services: ['2001:db8::7/tcp/80'] }
  const items = report(six).items.filter(({ code }) => !code.startsWith('arp-'))
  expect(openPoints(report({ ...six, items })).missing).toEqual([])
})
