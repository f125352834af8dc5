import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { doctorCheckNames } from '#lib/domain/doctor/checks.ts'
import { diagnose } from '#lib/domain/doctor/diagnose.ts'
import type { BackendEvidence, DoctorEvidence, PreparationKnown } from '#lib/domain/doctor/evidence.ts'
import { findingKinds } from '#lib/domain/doctor/findings.ts'
import { doctorFarmSchema, type DoctorCell, type DoctorFinding } from '#lib/domain/doctor/run.ts'
import type { FarmInput } from '#lib/domain/farm.ts'
import { probeReasons } from '#lib/domain/monitor.ts'
import { answer, at, evidenceOf, failedCheck, macOf } from './doctor-evidence.ts'
import { farm } from './farms.ts'

const [vip, rip] = ['203.0.113.7', '203.0.113.21']
const six = { vip: '2001:db8::7', backends: [{ name: 'web1', address: '2001:db8::21' }] }

/** The row of web1, of a farm where the other backends are right. */
function look(seen: Partial<BackendEvidence>, { input = {}, changes = {}, known = null }: { input?: Partial<FarmInput>; changes?: Partial<DoctorEvidence>; known?: PreparationKnown | null } = {}): { findings: DoctorFinding[]; cells: Record<string, DoctorCell>; codes: string[]; others: string[] } {
  const wanted = farm(input)
  const found = diagnose(wanted, evidenceOf(wanted, { web1: seen }, changes), new Map(known ? [['web1', known]] : []))
  expect(doctorFarmSchema.parse(found)).toEqual(found)
  const row = found.rows[0]
  if (!row) throw new Error('There is no row.')
  return { findings: row.findings, cells: Object.fromEntries(row.cells.map((cell) => [cell.check, cell])), codes: row.findings.map(({ code }) => code), others: [...found.rows.slice(1).flatMap(({ findings }) => findings), ...found.lan].map(({ code }) => code) }
}

test('nothing is found at a farm where all is well, in any mode, and every backend has every cell once', () => {
  for (const mode of ['dsr', 'snat', 'dnat'] as const) {
    const wanted = farm({ mode })
    for (const { findings, cells } of diagnose(wanted, evidenceOf(wanted), new Map()).rows) {
      expect(findings).toEqual([])
      expect(cells.map(({ check }) => check)).toEqual(doctorCheckNames)
      expect(cells.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')).toEqual([])
    }
  }
})

test.each<[string, Partial<BackendEvidence>, string[]]>([
  ['nobody answers for its address', { macs: [], rip: [answer(rip, 'unreachable')], vips: [answer(vip, 'timeout')], vipEchoes: [{ vip, answered: false }], echo: { small: false, large: false, bytes: 1500 } }, ['off-network']],
  ['two answer for its address', { macs: [macOf(0), '52:54:00:00:00:99'] }, ['address-duplicate']],
  ['another card than the one in use', { macs: ['52:54:00:00:00:99'] }, ['mac-differs']],
  ['a place outside the network', { onSubnet: false, macs: null, mac: null, kernel: { serves: false, found: true } }, ['off-subnet']],
  ['large packets that vanish', { echo: { small: true, large: false, bytes: 1500 } }, ['mtu']],
  ['no answer at all', { rip: [answer(rip, 'timeout')], vips: [answer(vip, 'timeout')], vipEchoes: [{ vip, answered: false }], echo: { small: false, large: false, bytes: 1500 } }, ['deaf']],
  ['nothing that listens', { rip: [answer(rip, 'refused')], vips: [answer(vip, 'refused')] }, ['service-refused']],
  ['a service that hangs', { rip: [answer(rip, 'timeout')], vips: [answer(vip, 'timeout')] }, ['service-silent']],
  ['a wrong answer everywhere', { rip: [answer(rip, 'wrong-status')], vips: [answer(vip, 'wrong-status')] }, ['service-wrong']],
  ['a firewall before the service', { rip: [answer(rip, 'unreachable')], vips: [answer(vip, 'unreachable')] }, ['service-rejected']],
  ['silence at the VIP', { vips: [answer(vip, 'timeout')], vipEchoes: [{ vip, answered: false }] }, ['vip-silent']],
  ['silence of the service at a VIP that echoes', { vips: [answer(vip, 'timeout')] }, ['vip-filtered']],
  ['a refusal at the VIP', { vips: [answer(vip, 'refused')] }, ['vip-refused']],
  ['a VIP that is rejected', { vips: [answer(vip, 'unreachable')] }, ['vip-rejected']],
  ['another answer at the VIP', { vips: [answer(vip, 'tls')] }, ['vip-wrong']],
  ['a VIP that is sent on', { vips: [answer(vip, 'forwarded')], vipEchoes: [{ vip, answered: false }] }, ['vip-forwarded']],
  ['a VIP of which one port is sent on and another silent', { vips: [answer(vip, 'timeout'), answer(vip, 'forwarded', 81)] }, ['vip-forwarded']],
  ['the VIP alone', { rip: [answer(rip, 'refused')] }, ['rip-apart']],
  ['two things at once', { rip: [answer(rip, 'refused')], vips: [answer(vip, 'timeout')], vipEchoes: [{ vip, answered: false }] }, ['service-refused', 'vip-silent']],
  ['replies that come back', { returned: { echo: true, from: '198.19.255.254', packets: 0 } }, ['reply-returns']],
  ['traffic that comes back', { returned: { echo: false, from: '198.19.255.254', packets: 3 } }, ['reply-returns']],
  ['rules without it', { kernel: { serves: true, found: false } }, ['not-in-rules']],
])('%s is found, and nothing at the others', (_what, seen, codes) => {
  const found = look(seen)
  expect(found.codes).toEqual(codes)
  expect(found.others).toEqual([])
})

test.each<[string, Partial<BackendEvidence>, string, RegExp]>([
  ['no echo', { echo: { small: false, large: false, bytes: 1500 } }, 'mtu', /answers no ICMP echo/],
  ['nothing sent', { echo: { small: null, large: null, bytes: 1500 } }, 'mtu', /could be sent/],
  ['a probe that could not be sent', { rip: [answer(rip, 'not-possible')] }, 'rip', /not-possible/],
  ['a VIP that could not be asked', { vips: [] }, 'vip', /could be asked/],
  ['rules that could not be read', { kernel: { serves: true, found: null } }, 'kernel', /could not be read/],
  ['an echo that was not sent', { returned: { echo: null, from: null, packets: 0 } }, 'reply', /could not be seen/],
  ['a MAC address that was not asked for', { macs: null }, 'network', /not asked/],
])('what could not be found out is unknown, with the reason, and no finding: %s', (_what, seen, check, reason) => {
  const { cells, codes } = look(seen)
  expect(cells[check]).toMatchObject({ verdict: 'unknown', evidence: expect.stringMatching(reason) as string })
  expect(codes).toEqual([])
})

test('what could not be asked at all is said where it left a question open', () => {
  const { cells, codes } = look({ macs: null, returned: { echo: null, from: null, packets: 0 } }, { changes: { obstacles: ['Questions for MAC addresses could not be sent: socat is not installed.'] } })
  expect(cells.network).toMatchObject({ verdict: 'unknown', evidence: expect.stringContaining('socat is not installed') as string })
  expect(cells.rip?.evidence).not.toContain('socat')
  expect(codes).toEqual([])
})

test('what does not answer on the network is unknown everywhere else', () => {
  const { cells } = look({ macs: [], rip: [answer(rip, 'unreachable')], vips: [answer(vip, 'timeout')], vipEchoes: [], echo: { small: false, large: false, bytes: 1500 }, kernel: { serves: false, found: false } })
  const verdicts = Object.values(cells).map(({ check, verdict }) => `${check} ${verdict}`)
  expect(verdicts.filter((one) => !one.endsWith('unknown'))).toEqual(['network fail', 'subnet ok', 'sender ok', 'kernel skipped'])
})

describe('a backend that answers, and not the question for its MAC address', () => {
  test('is not off where nobody else asks for it: some networks drop questions without a sender', () => {
    for (const { cells, codes } of [look({ macs: [], pinned: true }), look({ macs: [] }, { input: { mode: 'snat' } })]) {
      expect(codes).toEqual([])
      expect(cells).toMatchObject({ network: { verdict: 'unknown', evidence: expect.stringContaining('0.0.0.0') as string }, rip: { verdict: 'ok' } })
    }
    expect(look({ macs: [], pinned: true }).cells).toMatchObject({ vip: { verdict: 'ok' }, leak: { verdict: 'unknown' } })
  })

  test('is off where the kernel asks for it in its own name as well, and what it answers stays to be seen', () => {
    const { cells, codes } = look({ macs: [], rip: [answer(rip, 'unreachable')] })
    expect(codes).toEqual(['off-network'])
    expect(cells).toMatchObject({ network: { verdict: 'fail', evidence: expect.stringContaining('although it answers others') as string }, rip: { verdict: 'fail' }, vip: { verdict: 'ok' } })
  })
})

test('two MAC addresses may be two machines or, over IPv4, one with two cards in the network', () => {
  const [two] = look({ macs: [macOf(0), '52:54:00:00:00:99'] }).findings
  expect(two).toMatchObject({ causes: [{ cause: expect.stringContaining('Another machine') as string }, { cause: expect.stringContaining('two cards') as string, fix: expect.stringContaining('arp_ignore=1') as string }], next: expect.stringContaining('ip -br link') as string })
  expect(look({ macs: [macOf(0), '52:54:00:00:00:99'] }, { input: six }).findings[0]).toMatchObject({ causes: [{}], next: null })
})

describe('a disabled backend', () => {
  const input = { backends: [{ name: 'web1', address: rip, adminState: 'disabled' as const }, { name: 'web2', address: '203.0.113.22' }] }
  const silent = { vips: [answer(vip, 'timeout')], vipEchoes: [{ vip, answered: false }], kernel: { serves: false, found: false } }

  test('that is off is no finding, and its row says that it is disabled', () => {
    const { cells, codes } = look({ ...silent, macs: [], rip: [answer(rip, 'unreachable')], echo: { small: false, large: false, bytes: 1500 } }, { input })
    expect(codes).toEqual([])
    expect(Object.keys(cells)).toEqual(doctorCheckNames)
    expect(Object.values(cells).every(({ verdict, evidence }) => verdict === 'skipped' && evidence.startsWith('It is disabled'))).toBe(true)
  })

  test('that is up has its findings for information, and none of its cells is red', () => {
    const { cells, findings } = look(silent, { input })
    expect(findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['info vip-silent'])
    expect(cells).toMatchObject({ vip: { verdict: 'warn' }, kernel: { verdict: 'skipped', evidence: 'It is disabled, so it gets no traffic.' } })
  })

  test('that answers for the VIP does harm all the same', () => {
    expect(look({}, { input, changes: { heard: [{ vip, mac: macOf(0), what: 'answer', at, backend: null, own: null }] } })).toMatchObject({ findings: [{ code: 'vip-leaked', severity: 'critical' }], cells: { leak: { verdict: 'fail' } } })
  })
})

describe('replies that did not come to the appliance', () => {
  const checked = (verdict: 'ok' | 'warn', receivedAt = at): PreparationKnown => ({ status: 'verified', reason: null, receivedAt, items: [{ code: 'gateway', subject: 'default route', verdict, text: '', fix: null }], open: [], changes: [] })

  test('went past it only when the check of the preparation has seen the gateway', () => {
    expect(look({}).cells.reply).toMatchObject({ verdict: 'unknown', evidence: expect.stringContaining('another way or not at all') as string })
    expect(look({}, { known: checked('ok') }).cells.reply?.verdict).toBe('ok')
    expect(look({}, { known: checked('warn') }).cells.reply?.verdict).toBe('unknown')
    expect(look({}, { known: checked('ok', '2025-12-31T12:00:00.000Z') }).cells.reply?.verdict).toBe('unknown')
    expect(look({}, { known: { ...checked('ok'), status: 'stale' } }).cells.reply?.verdict).toBe('unknown')
    expect(look({ echo: { small: false, large: false, bytes: 1500 } }, { known: checked('ok') }).cells.reply?.verdict).toBe('unknown')
  })
})

describe('words in the name of a VIP', () => {
  const heard = (mac: string, what: 'question' | 'answer', when = at, backend: { farm: string; name: string } | null = null) => ({ heard: [{ vip, mac, what, at: when, backend, own: null }] })

  test('are those of the backend with that MAC address', () => {
    expect(look({}, { changes: heard(macOf(0), 'answer') })).toMatchObject({ codes: ['vip-leaked'], others: [] })
    expect(look({}, { changes: heard(macOf(0), 'question') })).toMatchObject({ codes: ['vip-sender'], others: [] })
  })

  test('are those of a stranger when nobody has it, named with the farm where it is a backend', () => {
    expect(look({}, { changes: heard('52:54:00:00:00:99', 'answer') })).toMatchObject({ codes: [], others: ['vip-stranger'] })
    const wanted = farm()
    const { lan } = diagnose(wanted, evidenceOf(wanted, {}, heard('52:54:00:00:00:99', 'question', at, { farm: 'mail', name: 'mx1' })), new Map())
    expect(lan[0]?.evidence).toBe(`52:54:00:00:00:99, which is backend mx1 of farm mail, asks for other machines in the name of ${vip}.`)
  })

  test('are those of the appliance when it is one of its own cards, which is named with what mends it', () => {
    const wanted = farm()
    const { rows, lan } = diagnose(wanted, evidenceOf(wanted, {}, { heard: [{ vip, mac: '52:54:00:00:00:09', what: 'answer', at, backend: null, own: 'eth9' }] }), new Map())
    expect(rows.flatMap(({ findings }) => findings)).toEqual([])
    expect(lan).toMatchObject([{ code: 'vip-own-card', severity: 'critical', evidence: `eth9 of the appliance answers questions for the MAC address of ${vip}.`, causes: [{ cause: expect.stringContaining('eth9 is in the same network as eth0') as string, fix: expect.stringContaining('arp_ignore=1') as string }] }])
  })

  test('of many made-up machines are a few findings and a number', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ vip, mac: `06:00:00:00:00:${index.toString(16).padStart(2, '0')}`, what: 'answer' as const, at, backend: null, own: null }))
    const wanted = farm()
    const { lan } = diagnose(wanted, evidenceOf(wanted, {}, { heard: many }), new Map())
    expect(lan).toHaveLength(10)
    expect(lan[9]?.evidence).toMatch(/^06:00:00:00:00:09 answers .* 190 more machines do so too\.$/)
  })

  test('are nothing new about a backend of the farm that was not examined', () => {
    expect(look({}, { changes: heard('52:54:00:00:00:99', 'answer', at, { farm: 'web', name: 'web9' }) }).others).toEqual([])
  })

  test('count for an hour, and no longer than until a check finds nothing', () => {
    const earlier = { changes: heard(macOf(0), 'question', '2026-01-02T10:30:00.000Z') }
    expect(look({}, earlier).codes).toEqual([])
    const recent = { changes: heard(macOf(0), 'question', '2026-01-02T11:30:00.000Z') }
    const checked = (receivedAt: string): PreparationKnown => ({ status: 'verified', reason: null, receivedAt, items: [], open: [], changes: [] })
    expect(look({}, { ...recent, known: checked('2026-01-02T11:00:00.000Z') }).codes).toEqual(['vip-sender'])
    expect(look({}, { ...recent, known: checked('2026-01-02T11:45:00.000Z') }).codes).toEqual([])
  })

  test('that were listened for only for a short time leave the question open, unless a check answered it', () => {
    const short = { changes: { listeningSince: '2026-01-02T11:50:00.000Z' } }
    expect(look({}, short).cells.sender?.verdict).toBe('unknown')
    expect(look({}, { ...short, known: { status: 'verified', reason: null, receivedAt: at, items: [], open: [], changes: [] } }).cells.sender?.verdict).toBe('ok')
    expect(look({}, { changes: { listeningSince: null } }).cells).toMatchObject({ sender: { verdict: 'unknown' }, leak: { verdict: 'unknown' } })
  })
})

describe('the check of a preparation', () => {
  const silent = { vips: [answer(vip, 'timeout')], vipEchoes: [{ vip, answered: false }] }

  test('names the cause of what is seen on the network, which then stands alone', () => {
    const [without] = look(silent).findings
    expect(without?.causes.length).toBeGreaterThan(1)
    expect(without?.next).toMatch(/--check --json/)
    const found = look(silent, { known: failedCheck([{ code: 'vip-on-lo', subject: vip }]) })
    expect(found.codes).toEqual(['vip-silent'])
    expect(found.findings[0]).toMatchObject({ next: null, causes: [{ cause: expect.stringContaining('not on its loopback') as string, fix: 'Mend vip-on-lo.' }] })
  })

  test.each<[string, Partial<PreparationKnown>]>([['of an hour ago that is out of date', { status: 'stale', changes: ['VIP was added.'] }], ['of two days ago', { receivedAt: '2025-12-31T12:00:00.000Z' }]])('%s names none', (_what, changes) => {
    expect(look(silent, { known: failedCheck([{ code: 'vip-on-lo', subject: vip }], changes) }).findings[0]?.causes.length).toBeGreaterThan(1)
  })

  test('that found what the network does not show is a finding of its own', () => {
    const found = look({}, { known: failedCheck([{ code: 'reverse-path' }]) })
    expect(found.findings).toMatchObject([{ code: 'preparation-failed', causes: [{ cause: 'reverse-path is wrong.', fix: 'Mend reverse-path.' }], next: null }])
    expect(found.cells.preparation?.verdict).toBe('fail')
  })

  test('that failed for the VIP of another farm only says nothing about this one', () => {
    const found = look({}, { known: failedCheck([{ code: 'vip-on-lo', subject: '203.0.113.8' }, { code: 'listener', subject: '203.0.113.8/tcp/80' }]) })
    expect(found.codes).toEqual([])
    expect(found.cells.preparation?.verdict).toBe('ok')
  })

  test('that is out of date is a warning in its cell, and none is an open question', () => {
    expect(look({}, { known: failedCheck([], { status: 'stale', changes: ['VIP 203.0.113.8 was added.'] }) }).cells.preparation).toMatchObject({ verdict: 'warn', evidence: expect.stringContaining('VIP 203.0.113.8 was added.') as string })
    expect(look({}).cells.preparation?.verdict).toBe('unknown')
  })

  test('that left something open is a warning that names it', () => {
    expect(look({}, { known: failedCheck([], { status: 'open', open: ['Nothing prepares this machine again after a reboot.'] }) }).cells.preparation).toMatchObject({ verdict: 'warn', evidence: expect.stringContaining('Nothing prepares this machine again') as string })
  })

  test('of the prefix is the only one over IPv6', () => {
    const known = (status: 'verified' | 'never-checked'): PreparationKnown => ({ status, reason: null, receivedAt: status === 'verified' ? at : null, items: [], open: [], changes: [] })
    expect(look({}, { input: six, known: known('verified') }).cells.prefix?.verdict).toBe('ok')
    expect(look({}, { input: six, known: known('never-checked') }).cells.prefix?.verdict).toBe('unknown')
  })
})

describe('ports beside the first', () => {
  const input = { ports: ['80', '443', '8000-8010'] }
  const changes = { ports: { asked: [80, 443, 8000, 8005, 8010], of: 13 } }
  const all = (closed: readonly number[]): Partial<BackendEvidence> => ({ vips: [80, 443, 8000, 8005, 8010].map((port) => answer(vip, closed.includes(port) ? 'refused' : null, port)) })

  test('that the farm names must answer; those within a range only where another backend does', () => {
    expect(look(all([443]), { input, changes }).findings).toMatchObject([{ code: 'ports-missing', causes: [{ cause: 'No application listens on port 443 there.' }, {}] }])
    expect(look(all([8000, 8005, 8010]), { input, changes }).codes).toEqual([])
    const wanted = farm(input)
    const found = diagnose(wanted, evidenceOf(wanted, { web1: all([8005]), web2: all([]) }, changes), new Map())
    expect(found.rows.map(({ findings }) => findings.map(({ code }) => code))).toEqual([['ports-missing'], []])
    expect(found.rows[1]?.cells.find(({ check }) => check === 'ports')?.evidence).toMatch(/5 of 13 ports/)
  })

  test('say nothing of their own when nothing answers at all', () => {
    const { codes, cells } = look({ rip: [answer(rip, 'refused')], vips: [answer(vip, 'refused'), answer(vip, 'refused', 443)] }, { input, changes })
    expect(codes).toEqual(['service-refused'])
    expect(cells.ports?.verdict).toBe('unknown')
  })

  test('of UDP that stay silent are an open question', () => {
    const seen = { rip: [answer(rip, null, null, 'icmp')], vips: [answer(vip, null, null, 'icmp'), answer(vip, 'timeout', 53, 'udp')] }
    expect(look(seen, { input: { protocol: 'udp', ports: ['53'] }, changes: { ports: { asked: [53], of: 1 } } })).toMatchObject({ codes: [], cells: { ports: { verdict: 'unknown' } } })
  })
})

test('a farm that could not be examined says why and has no rows', () => {
  const wanted = farm()
  expect(diagnose(wanted, evidenceOf(wanted, {}, { trouble: 'eth0 is down.' }), new Map())).toEqual({ farm: 'web', at, trouble: 'eth0 is down.', rows: [], lan: [] })
})

test('every finding has a cause with a fix, and no placeholder is left in it, whatever was seen', () => {
  const reason = fc.option(fc.constantFrom(...probeReasons))
  const maybe = fc.option(fc.boolean())
  fc.assert(
    fc.property(reason, reason, maybe, maybe, maybe, fc.boolean(), fc.constantFrom('dsr' as const, 'snat' as const), (own, through, small, large, echoed, returned, mode) => {
      const { findings, cells } = look({ rip: [answer(rip, own)], vips: mode === 'dsr' ? [answer(vip, through)] : [], echo: { small, large, bytes: 1500 }, vipEchoes: [{ vip, answered: echoed }], returned: { echo: returned, from: '198.19.255.254', packets: 0 } }, { input: { mode } })
      expect(Object.keys(cells)).toHaveLength(doctorCheckNames.length)
      for (const { code, causes, next, evidence } of findings) {
        expect(Object.keys(findingKinds)).toContain(code)
        expect(causes.length).toBeGreaterThan(0)
        expect(next === null).toBe(causes.length === 1)
        for (const text of [evidence, ...causes.flatMap(({ cause, fix }) => [cause, fix])]) expect(text).toMatch(/^[^{}]+$/)
      }
    }),
  )
})
