import { expect, test } from 'vitest'
import { explain, verdicts } from '#lib/prep/finding.ts'
import { findingsOf } from '#lib/prep/findings.ts'
import type { PrepFarm } from '#lib/prep/prep.ts'
import { generate } from './golden.ts'

/** `code verdict` of every check that the text of a script in sh makes by name. A verdict that it works out may be any of the three. */
function checksIn(text: string): string[] {
  const calls = [...text.matchAll(/\bitem ([a-z0-9-]+) (ok|fail|warn) /g), ...text.matchAll(/\bnote\("([a-z0-9-]+)", (?:"(ok|fail|warn)"|\w+),/g)]
  return calls.flatMap(([, code, verdict]) => (verdict ? [`${code} ${verdict}`] : verdicts.map((each) => `${code} ${each}`)))
}

test.each(['linux', 'linux-redirect'] as const)('%s: there are words for every check that the script names, and none for others', (system) => {
  const farm: PrepFarm = { name: 'web', vip: '10.9.0.100', additionalVips: [], protocol: 'tcp', ports: ['80'], mode: 'dsr', delivery: 'l2' }
  const { text } = generate({ system, backend: { name: 'web1', address: '10.9.0.21' }, farms: [farm], appliances: [] })
  const words = Object.entries(findingsOf(system)).flatMap(([code, finding]) => verdicts.filter((verdict) => finding[verdict]).map((verdict) => `${code} ${verdict}`))
  const checks = checksIn(text)
  expect(checks).toContain('address fail')
  expect(checks.filter((check) => !words.includes(check))).toEqual([])
  const program = text.slice(0, text.indexOf('\nsentence() {'))
  expect(Object.keys(findingsOf(system)).filter((code) => !new RegExp(`(?<![\\w-])${code}(?![\\w-])`).test(program))).toEqual([])
})

test.each(['linux', 'linux-redirect', 'windows-powershell'] as const)('%s: whatever is not right says what to do', (system) => {
  const findings = findingsOf(system)
  for (const [code, finding] of Object.entries(findings)) {
    for (const verdict of verdicts.filter((each) => each !== 'ok' && finding[each])) {
      const { text, fix } = explain(findings, { code, subject: '10.9.0.100/tcp/80', verdict, found: 'this' })
      expect(`${text} ${fix ?? ''}`).not.toMatch(/\{(subject|found|vip|protocol|ports)\}/)
      expect(fix, `${code} ${verdict}`).not.toBe(null)
    }
  }
})
