import { expect, test } from 'vitest'
import { prepSystems, type PrepFarm, type PrepSystem } from '#lib/prep/prep.ts'
import { checkerOf } from '#lib/prep/report.ts'
import { reportCommand } from '#lib/prep/report-command.ts'
import { prepScript } from '#lib/prep/script.ts'

const farm: PrepFarm = { name: 'web', vip: '203.0.113.7', additionalVips: [], protocol: 'tcp', ports: ['80'], mode: 'dsr', delivery: 'l2' }

function checkOf(system: PrepSystem): string {
  const script = prepScript({ system, backend: { name: 'web1', address: '203.0.113.21' }, farms: [farm], appliances: [] })
  if ('refusal' in script) throw new Error(script.refusal)
  return script.commands.check
}

test.each(prepSystems.filter((system) => checkerOf(system) === system))('%s prints its report with one more word', (system) => {
  expect(reportCommand(checkOf(system))).toMatch(system === 'windows-powershell' ? / -Mode Check -Json/ : / --check --json/)
})

test.each(prepSystems.filter((system) => checkerOf(system) === null))('%s prints no report', (system) => {
  expect(reportCommand(checkOf(system))).toBeNull()
})

test.each(prepSystems.filter((system) => checkerOf(system) !== null && checkerOf(system) !== system))('%s is reported on by its own command or by that of its checker', (system) => {
  const checker = checkerOf(system) ?? system
  expect(reportCommand(checkOf(system)) ?? reportCommand(checkOf(checker))).toMatch(/ --check --json/)
})
