import fc from 'fast-check'
import { expect, test } from 'vitest'
import { farmProblems } from '#components/farm-form/farm-problems.ts'
import { fieldOf, problemsByField } from '#components/farm-form/field-id.ts'
import { emptyBackend, newFarmValues, toFarmInput, toFarmValues, type FarmValues } from '#components/farm-form/farm-values.ts'
import { isBlank, newMonitor, toMonitorInput, toMonitorValues, type MonitorValues } from '#components/farm-form/monitor-values.ts'
import { dnsRecordTypes, monitorPaths, monitorSchema, probeTypes } from '#lib/domain/monitor.ts'
import { farm, nobody } from '#test/unit/domain/farms.ts'

const ascii = (maxLength: number) => fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength })
const host = fc.stringMatching(/^[A-Za-z0-9.:[\]-]{0,20}$/)
const common = {
  interval: fc.double({ min: 0.5, max: 3600, noNaN: true }),
  timeout: fc.double({ min: 0.1, max: 60, noNaN: true }),
  rise: fc.integer({ min: 1, max: 20 }),
  fall: fc.integer({ min: 1, max: 20 }),
  paths: fc.constantFrom(...monitorPaths),
}
const port = fc.option(fc.integer({ min: 1, max: 65535 }))
const http = { port, path: fc.stringMatching(/^\/[!-~]{0,20}$/), host: fc.option(host), statuses: fc.array(fc.constantFrom('200', '204', '200-399', '500-599'), { minLength: 1, maxLength: 4 }), body: fc.option(fc.string({ maxLength: 50 })) }
const monitors = fc
  .oneof(
    fc.record({ type: fc.constant('tcp'), ...common, port }),
    fc.record({ type: fc.constant('http'), ...common, ...http }),
    fc.record({ type: fc.constant('https'), ...common, ...http, verify: fc.boolean() }),
    fc.record({ type: fc.constant('dns'), ...common, port, name: fc.stringMatching(/^[A-Za-z0-9._-]{1,30}$/), record: fc.constantFrom(...dnsRecordTypes), answer: fc.option(ascii(30)) }),
    fc.record({ type: fc.constant('udp'), ...common, port, send: ascii(30), expect: fc.option(ascii(30)) }),
    fc.record({ type: fc.constant('icmp'), ...common }),
    fc.record({ type: fc.constant('arp'), ...common, paths: fc.constant('rip') }),
  )
  .map((monitor) => monitorSchema.parse({ ...monitor, timeout: Math.min(monitor.timeout, monitor.interval) }))

const web1 = { name: 'web1', address: '203.0.113.21' }
const http80: MonitorValues = { ...newMonitor, type: 'http', path: '/up', interval: '5' }

test('a health check that is put into the form and taken out again is the same, of the farm and of a backend', () => {
  fc.assert(
    fc.property(monitors, monitors, (one, other) => {
      const before = farm({ protocol: 'all', monitor: one, whenAllUnhealthy: 'eject', slowStart: 30, backends: [{ ...web1, monitor: other }] })
      expect(farm(toFarmInput(toFarmValues(before)))).toEqual(before)
    }),
  )
})

test('the default health check follows the farm, and none stays none', () => {
  const values = toFarmValues(farm())
  expect(values.monitor.type).toBe('')
  expect(farm(toFarmInput({ ...values, protocol: 'udp' })).monitor).toMatchObject({ type: 'icmp' })
  expect(farm(toFarmInput({ ...values, mode: 'snat', scheduler: 'symhash' })).monitor).toMatchObject({ type: 'tcp', paths: 'rip' })
  expect(toFarmInput(toFarmValues(farm({ monitor: null }))).monitor).toBeNull()
  expect(toFarmInput(newFarmValues)).not.toHaveProperty('monitor')
})

test('another type keeps what both types have, and what the other had comes back with it', () => {
  const all = probeTypes.map((type) => toMonitorInput({ ...http80, type, name: 'example.com' }, 'dsr'))
  expect(all.map((monitor) => [monitor?.interval, monitor?.fall])).toEqual(probeTypes.map(() => [5, 3]))
  expect(toMonitorInput({ ...http80, type: 'icmp' }, 'dsr')).not.toHaveProperty('path')
  expect(toMonitorInput({ ...http80, type: 'https' }, 'dsr')).toMatchObject({ path: '/up', verify: false })
})

test('the VIP is asked for in mode DSR alone and never by ARP; what was chosen stays in the form', () => {
  const chosen: MonitorValues = { ...newMonitor, type: 'tcp', paths: 'vip' }
  expect(toMonitorInput(chosen, 'dsr')).toMatchObject({ paths: 'vip' })
  expect(toMonitorInput(chosen, 'snat')).not.toHaveProperty('paths')
  expect(toMonitorInput({ ...chosen, type: 'arp' }, 'dsr')).not.toHaveProperty('paths')
})

test('a slow start is sent only where there is one', () => {
  const values: FarmValues = { ...toFarmValues(farm()), slowStart: '30' }
  expect(toFarmInput(values).slowStart).toBe(30)
  expect(toFarmInput({ ...values, scheduler: 'hash' }).slowStart).toBe(0)
  expect(toFarmInput({ ...values, protocol: 'udp' }).slowStart).toBe(0)
})

test.each([
  ['interval', '', 'This field is required.'],
  ['interval', 'often', 'This must be a number.'],
  ['interval', '0.1', 'At least 0.5 seconds.'],
  ['timeout', '3', 'A probe would still wait when the next one is due: 3 seconds are more than the interval of 2.'],
  ['fall', '1.5', 'This must be a whole number.'],
  ['port', '70000', 'A port is 65535 or less.'],
  ['path', 'up', 'A path begins with / and has no space.'],
  ['statuses', '200-100', '"200-100" is neither a status nor a range of them.'],
] as const)('a mistake in %s is said at that field, of the farm and of a backend', (field, text, message) => {
  const monitor: MonitorValues = { ...newMonitor, type: 'http', [field]: text }
  const values: FarmValues = { ...toFarmValues(farm()), monitor, backends: [{ ...emptyBackend('a', 'web1'), address: '203.0.113.21', monitor }] }
  const found = problemsByField(farmProblems(values, nobody, false), values)
  expect([...found.keys()]).toEqual([`monitor/${field}`, `a/monitor/${field}`])
  expect([...found.values()].map(([first]) => first?.message)).toEqual([message, message])
})

test('a pointer of the server leads to its field; one that the form has no field for leads to the type', () => {
  const rows = { backends: [emptyBackend('b')], additionalVips: [] }
  expect(['/monitor/statuses/0', '/monitor', '/monitor/else', '/backends/0/monitor/timeout', '/backends/0/monitor', '/slowStart', '/whenAllUnhealthy'].map((pointer) => fieldOf(pointer, rows))).toEqual(['monitor/statuses', 'monitor/type', 'monitor/type', 'b/monitor/timeout', 'b/monitor/type', 'slowStart', 'whenAllUnhealthy'])
})

test('what may be empty is not required', () => {
  expect((['host', 'body', 'port', 'answer'] as const).map((field) => isBlank({ ...newMonitor, [field]: '' }, field))).toEqual([false, false, false, false])
  expect(toMonitorValues(monitorSchema.parse({ type: 'http' }))).toMatchObject({ host: '', body: '', port: '' })
})
