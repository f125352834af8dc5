import { afterAll, beforeAll, expect, test } from 'vitest'
import { diagnose } from '#lib/domain/doctor/diagnose.ts'
import type { PreparationKnown } from '#lib/domain/doctor/evidence.ts'
import type { DoctorFarm } from '#lib/domain/doctor/run.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { carryOut, mistakes, vips, type Family } from './doctor-mistakes.ts'
import { openDoctorSite, ripOf, type DoctorSite } from './doctor-site.ts'
import { until } from './until.ts'

const names = ['web1', 'web2', 'web3', 'web4']
const score = { right: 0, wrong: [] as string[], missed: [] as string[], looks: 0, slowestMs: 0 }

let site: DoctorSite
let farms: Record<Family, Farm>
const known: Record<Family, Map<string, PreparationKnown>> = { IPv4: new Map(), IPv6: new Map() }

beforeAll(async () => {
  site = await openDoctorSite(names, [80, 81])
  farms = { IPv4: site.farm({ name: 'four', vip: vips.IPv4 }), IPv6: site.farm({ name: 'six', vip: vips.IPv6 }) }
  for (const name of names) for (const vip of Object.values(vips)) await site.prepare(name, vip)
  await site.put(...Object.values(farms))
  await until('all backends are in use', async () => (await site.agent.socket.status()).farms.every(({ backends }) => backends.every(({ active, health }) => active && health?.state === 'healthy')))
})
afterAll(() => site?.remove())

/** Counts what was found against what should be: `expected` is a backend and a code, or nothing. */
function count(what: string, { rows, lan }: DoctorFarm, expected: { backend: string; code: string } | null): void {
  score.looks += rows.length
  const found = [...rows.flatMap(({ backend, findings }) => findings.map(({ code }) => ({ backend, code }))), ...lan.map(({ code }) => ({ backend: 'the LAN', code }))]
  const isRight = (one: { backend: string; code: string }): boolean => one.backend === expected?.backend && one.code === expected.code
  if (found.some(isRight)) score.right += 1
  else if (expected) score.missed.push(`${what}: ${expected.code} of ${expected.backend}`)
  score.wrong.push(...found.filter((one) => !isRight(one)).map(({ backend, code }) => `${what}: ${code} of ${backend}`))
}

test.each(Object.keys(vips) as Family[])('A: nothing is found where nothing is wrong (%s)', async (family) => {
  const evidence = await site.examine(farms[family])
  const found = diagnose(farms[family], evidence, new Map())
  count('A', found, null)
  expect(found.rows.map(({ backend }) => backend)).toEqual(names)
  expect(found.rows.flatMap(({ findings, cells }) => [...findings, ...cells.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')])).toEqual([])
  expect(evidence.obstacles).toEqual([])
  // What stays open has a reason, and the check of the preparation closes it.
  for (const name of names) known[family].set(name, await site.checked(name, vips[family]))
  const checked = diagnose(farms[family], evidence, known[family])
  count('A, checked', checked, null)
  expect(checked.rows.flatMap(({ cells }) => cells.flatMap(({ check, verdict }) => (verdict === 'ok' ? [] : [`${check} ${verdict}`])))).toEqual([])
})

test.each(mistakes.map((mistake, index) => ({ ...mistake, backend: names[index % names.length] ?? '' })))('$row ($family, $backend)', async ({ row, family, backend, make, mend, code, cause, fix, many, checked, unseen }) => {
  const farm = farms[family]
  const machine = site.machine(backend)
  const rip = ripOf(names.indexOf(backend), vips[family])
  await carryOut(site, machine, rip, make)
  try {
    const evidence = await site.examine(farm)
    score.slowestMs = Math.max(score.slowestMs, evidence.tookMs)
    const unaided = diagnose(farm, evidence, known[family])
    const report = await site.checked(backend, vips[family])
    const aided = diagnose(farm, evidence, new Map(known[family]).set(backend, report))
    const found = unseen ? aided : unaided
    if (unseen) count(`${row}, unchecked`, unaided, null)
    count(`${row} (${family})`, found, { backend, code })
    if (checked) count(`${row} (${family}), checked`, aided, { backend, code })

    const finding = found.rows.find((one) => one.backend === backend)?.findings.find((one) => one.code === code)
    expect(finding, JSON.stringify({ found: found.rows.flatMap(({ findings }) => findings), report: report.items.filter(({ verdict }) => verdict !== 'ok'), seen: evidence.backends.find(({ name }) => name === backend) }, null, 1)).toBeDefined()
    const right = finding?.causes.filter((one) => cause.test(one.cause)) ?? []
    expect(right, JSON.stringify(finding, null, 1)).toHaveLength(1)
    expect(right[0]?.fix).toMatch(fix)
    expect(finding?.causes.length === 1).toBe(many === undefined)
    expect(finding?.next === null).toBe(many === undefined)
    if (!checked) return
    const named = aided.rows.find((one) => one.backend === backend)?.findings.find((one) => one.code === code)
    expect(named?.causes.map((one) => one.cause), JSON.stringify(report.items.filter(({ verdict }) => verdict !== 'ok'))).toEqual([expect.stringMatching(checked)])
  } finally {
    await carryOut(site, machine, rip, mend)
    known[family].set(backend, await site.checked(backend, vips[family]))
  }
})

test('precision and recall over all backends and mistakes are 1', () => {
  const { right, wrong, missed, looks, slowestMs } = score
  console.log(`${mistakes.length} mistakes, ${looks} looks at a backend: ${right} found rightly, ${wrong.length} wrongly, ${missed.length} missed; precision ${(right / (right + wrong.length)).toFixed(3)}, recall ${(right / (right + missed.length)).toFixed(3)}; the slowest examination took ${slowestMs} ms`)
  expect({ wrong, missed }).toEqual({ wrong: [], missed: [] })
  expect(right).toBeGreaterThan(mistakes.length)
})
