import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { prepSystems } from '#lib/prep/prep.ts'
import type { PrepInput, PrepSystem } from '#lib/prep/prep.ts'
import { prepScript } from '#lib/prep/script.ts'
import { generate } from './golden.ts'

const traps = [
  '\n', '\r', '\r\n', '\0', '\u2028', '\u2029', '\u0085', '\u2018', '\u2019', '\u201c', '\u202e', '\u2066', '\u001b[2J', '#>', '<#', '$(reboot)', '`reboot`', '${IFS}',
  '%PATH%', '%~', '!x!', '^', '&', '|', '>', '"', "'", "''", '\\', ';', '\nDSR_EOF\n', '\nEND\n', '../', '--', '*', '\t', '\u00e9', '\ud83d\ude00',
]
const hostileText = fc.array(fc.oneof(fc.constantFrom(...traps), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 12 }).map((parts) => parts.join(''))
const commentOf = (system: PrepSystem): RegExp => (system === 'windows-cmd' ? /^rem / : /^#/)

function input(system: PrepSystem, names: { backend: string; farm: string }, values: { address?: string; vip?: string; additionalVip?: string; port?: string } = {}): PrepInput {
  return {
    system,
    backend: { name: names.backend, address: values.address ?? '10.9.0.21' },
    farms: [{ name: names.farm, vip: values.vip ?? '10.9.0.100', additionalVips: [values.additionalVip ?? '10.9.0.101'], protocol: 'tcp', ports: [values.port ?? '80'], mode: 'dsr', delivery: 'l2' }],
    appliances: ['10.9.0.10'],
  }
}

function program(system: PrepSystem, text: string): string[] {
  return text.split(/\r\n|[\n\r\u0085\u2028\u2029]/).filter((line) => !commentOf(system).test(line))
}

describe.each(prepSystems)('%s', (system) => {
  const benign = generate(input(system, { backend: 'web1', farm: 'web' }))

  test('a hostile name changes comment lines only', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (backend, farm) => {
        const script = generate(input(system, { backend, farm }))
        expect(program(system, script.text)).toEqual(program(system, benign.text))
        expect(script.text.split('\n').length).toBe(benign.text.split('\n').length)
        expect({ ...script, text: '' }).toEqual({ ...benign, text: '' })
      }),
      { numRuns: 1500 },
    )
  })

  test.each(['address', 'vip', 'additionalVip', 'port'] as const)('a hostile %s never reaches the script', (field) => {
    const valid = { address: '10.9.0.21', vip: '10.9.0.100', additionalVip: '10.9.0.101', port: '80' }[field]
    fc.assert(
      fc.property(fc.tuple(hostileText, hostileText).filter(([before, after]) => before + after !== ''), ([before, after]) => {
        const value = before + valid + after
        let text = ''
        try {
          text = generate(input(system, { backend: 'web1', farm: 'web' }, { [field]: value })).text
        } catch {
          return
        }
        // A digit more can make another valid value; then it stands there in its own alphabet.
        expect(value).toMatch(/^[0-9a-fA-F.:-]+$/)
        expect(program(system, text).length).toBe(program(system, benign.text).length)
      }),
      { numRuns: 1000 },
    )
  })
})

test('a backend and a VIP of two address families are no input', () => {
  expect(() => prepScript(input('linux', { backend: 'web1', farm: 'web' }, { vip: 'fd09::100' }))).toThrow('one address family')
})
