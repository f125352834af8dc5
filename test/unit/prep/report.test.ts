import { describe, expect, test } from 'vitest'
import { explain, type Findings } from '#lib/prep/finding.ts'
import { block } from '#lib/prep/node.ts'
import { changedSince, reportLimit, reportSchema } from '#lib/prep/report.ts'
import { item, printed, report } from './sample-report.ts'


describe('a report', () => {
  test('of the right shape is taken as it is', () => {
    expect(reportSchema.parse(report())).toEqual(report())
  })

  test('of a machine in a thousand farms is not too large', () => {
    const vips = Array.from({ length: 1000 }, (_, index) => `203.0.${index >> 8}.${index & 255}`)
    const services = vips.map((vip) => `${vip}/tcp/80,443`)
    const items = [...vips.map((subject) => ({ ...item, subject })), ...['listener', 'firewall'].flatMap((code) => services.map((subject) => ({ ...item, code, subject })))]
    const large = report({ vips, services, items })
    expect(printed(large).length).toBeLessThan(reportLimit)
    expect(reportSchema.parse(large)).toEqual(large)
  })

  test.each<[string, object]>([
    ['an address that is not canonical', { backend: '2001:DB8::1' }],
    ['no address', { vips: ['$(reboot)'] }],
    ['no service', { services: ['203.0.113.7/tcp/80;id'] }],
    ['no time', { checkedAt: 'yesterday' }],
    ['a system without a check', { system: 'ansible' }],
    ['another version', { version: 2 }],
    ['no items', { items: [] }],
    ['an unknown field', { more: 1 }],
    ['a line break in a value', { items: [{ ...item, found: 'a\nb' }] }],
    ['an escape sequence in a value', { items: [{ ...item, subject: '\u001b[2J' }] }],
    ['a command in a value', { items: [{ ...item, subject: 'eth0; reboot' }] }],
    ['letters outside ASCII', { items: [{ ...item, found: '\u202e' }] }],
    ['a code with capitals', { items: [{ ...item, code: 'toString' }] }],
    ['a field more in an item', { items: [{ ...item, fix: 'rm -rf' }] }],
  ])('with %s is refused', (_, different) => {
    expect(reportSchema.safeParse({ ...report(), ...different }).success).toBe(false)
  })
})

describe('what changed since a check', () => {
  const then = { vips: ['10.9.0.100', '10.9.0.101'], services: ['10.9.0.100/tcp/80', '10.9.0.101/tcp/80'] }

  test('nothing, in whatever order it is told', () => {
    expect(changedSince(then, { vips: then.vips.toReversed(), services: then.services.toReversed() })).toEqual([])
  })

  test('a VIP that came and one that went, without repeating their services', () => {
    const now = { vips: ['10.9.0.101', '10.9.0.102'], services: ['10.9.0.101/tcp/80', '10.9.0.102/tcp/80', '10.9.0.102/udp/80'] }
    expect(changedSince(then, now)).toEqual(['VIP 10.9.0.102 was added.', 'VIP 10.9.0.100 was removed.'])
  })

  test('the ports of a VIP', () => {
    const now = { vips: then.vips, services: ['10.9.0.100/tcp/80,443', '10.9.0.101/tcp/80'] }
    expect(changedSince(then, now)).toEqual(['Service 10.9.0.100/tcp/80,443 was added.', 'Service 10.9.0.100/tcp/80 was removed.'])
  })
})

describe('an item in words', () => {
  const findings: Findings = { gateway: { fail: block`The gateway {subject} is {found}.`, warn: block`There is no gateway.`, fix: block`Set another than {found}.` } }
  const gateway = { code: 'gateway', subject: '10.9.0.1', verdict: 'fail', found: 'the appliance' } as const

  test('its sentence and what to do', () => {
    expect(explain(findings, gateway)).toEqual({ ...gateway, text: 'The gateway 10.9.0.1 is the appliance.', fix: 'Set another than the appliance.' })
  })

  test('there is nothing to do when it is right', () => {
    expect(explain({ gateway: { ...findings.gateway, ok: block`Fine.` } }, { ...gateway, verdict: 'ok' })).toMatchObject({ text: 'Fine.', fix: null })
  })

  test.each(['{found}', '$&', "$'", '$1', '{subject}'])('%s in a value stands for itself', (subject) => {
    expect(explain(findings, { ...gateway, subject }).text).toBe(`The gateway ${subject} is the appliance.`)
  })

  test.each(['constructor', 'brand-new'])('the code %s, which the registry does not have, is shown as it is', (code) => {
    expect(explain(findings, { ...gateway, code })).toMatchObject({ text: `${code}: 10.9.0.1 the appliance`, fix: null })
  })
})
