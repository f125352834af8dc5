import { expect, test } from 'vitest'
import { farmChanges } from '#components/farms/farm-changes.ts'
import { monitorText, timesText } from '#components/health/monitor-words.ts'
import { monitorSchema, type MonitorInput } from '#lib/domain/monitor.ts'
import { farm } from '#test/unit/domain/farms.ts'

const text = (monitor: MonitorInput): string => monitorText(monitorSchema.parse(monitor)).replaceAll('\u00a0', ' ')

test('a health check is told in one line', () => {
  expect(text({ type: 'tcp' })).toBe('TCP connection · first port of the farm · own address and VIP · every 2 s, timeout 1 s · back after 2, out after 3')
  expect(text({ type: 'https', path: '/up', host: 'example.com', port: 8443, body: 'ok', paths: 'vip', interval: 0.5, timeout: 0.4 })).toBe('HTTPS request for /up · host example.com · status 200-399 · the answer holds "ok" · any certificate · port 8443 · VIP only · every 0.5 s, timeout 0.4 s · back after 2, out after 3')
  expect(text({ type: 'dns', name: 'example.com', paths: 'rip' })).toContain('DNS question example.com A · first port of the farm · own address only')
  expect(text({ type: 'udp', send: 'ping', expect: 'pong' })).toContain('UDP datagram "ping" · the answer holds "pong"')
  expect(monitorText(null)).toBe('none')
})

test.each<[string, MonitorInput]>([
  ['type', { type: 'tcp' }],
  ['paths', { type: 'http', paths: 'rip' }],
  ['interval', { type: 'http', interval: 3 }],
  ['timeout', { type: 'http', timeout: 0.5 }],
  ['rise', { type: 'http', rise: 1 }],
  ['fall', { type: 'http', fall: 4 }],
  ['port', { type: 'http', port: 81 }],
  ['path', { type: 'http', path: '/up' }],
  ['host', { type: 'http', host: 'a' }],
  ['statuses', { type: 'http', statuses: ['200'] }],
  ['body', { type: 'http', body: 'ok' }],
])('a change of %s shows in the history', (_, monitor) => {
  expect(farmChanges(farm({ monitor: { type: 'http' } }), farm({ monitor })).map(({ field }) => field)).toEqual(['Health check'])
})

test('what follows from the verdicts, and the own check of a backend, show in the history', () => {
  const backend = { name: 'web1', address: '203.0.113.21' }
  const after = farm({ whenAllUnhealthy: 'eject', slowStart: 30, backends: [{ ...backend, monitor: { type: 'icmp' } }] })
  expect(farmChanges(farm({ backends: [backend] }), after).map(({ field, before }) => `${field}: ${before}`)).toEqual(['When all backends fail: keep the last ones', 'Slow start: 0 s', 'Backend web1: health check: as the farm'])
})

test('the times are computed from what stands in the fields, without the dust of fractions', () => {
  const times = (interval: number, timeout: number, rise: number, fall: number): string | undefined => timesText({ interval, timeout, rise, fall })?.replaceAll('\u00a0', ' ')
  expect(times(2, 1, 2, 3)).toBe('A backend is out after about 7 s without an answer, and back after about 4 s of answers.')
  expect(times(0.7, 0.3, 3, 3)).toBe('A backend is out after about 2.4 s without an answer, and back after about 2.1 s of answers.')
  expect(timesText({ interval: Number.NaN, timeout: 1, rise: 2, fall: 3 })).toBeNull()
})
