import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { farmSchema } from '#lib/domain/farm.ts'
import { namePattern } from '#lib/domain/name.ts'
import { prepSystems } from '#lib/prep/prep.ts'
import type { PrepInput, PrepSystem } from '#lib/prep/prep.ts'
import { prepScript } from '#lib/prep/script.ts'
import { generate } from './golden.ts'

const traps = [
  '\n', '\r', '\r\n', '\0', '\u2028', '\u2029', '\u0085', '\u2018', '\u2019', '\u201c', '\u202e', '\u2066', '\u001b[2J', '#>', '<#', '$(reboot)', '`reboot`', '${IFS}',
  '%PATH%', '%~', '!x!', '^', '&', '|', '>', '"', "'", "''", '\\', ';', '\nDSR_EOF\n', '\nEND\n', '../', '--', '*', '\t', '\u00e9', '\ud83d\ude00',
  '{{ 1 }}', '{% raw %}', '{#', '\n- hosts: all', '\n  up reboot', '\n[Network]', ': ', ' #', '- ', '? ', '---\n', '\n...\n', '!unsafe ', '&a ', '*a', '|-\n', '%YAML 1.1\n', 'web', 'web-1', '10.9.0.9', '80', 'fd09::9',
]
const hostileText = fc.array(fc.oneof(fc.constantFrom(...traps), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 12 }).map((parts) => parts.join(''))
const yamlSystems: PrepSystem[] = ['ansible', 'cloud-init', 'netplan', 'container']

const valid = { address: '10.9.0.21', vip: '10.9.0.100', additionalVip: '10.9.0.101', appliance: '10.9.0.10', port: '80' }
type Field = keyof typeof valid

function input(system: PrepSystem, names: { backend: string; farm: string }, values: Partial<typeof valid> = {}): PrepInput {
  const { address, vip, additionalVip, appliance, port } = { ...valid, ...values }
  return {
    system,
    backend: { name: names.backend, address },
    farms: [{ name: names.farm, vip, additionalVips: [additionalVip], protocol: 'tcp', ports: [port], mode: 'dsr', delivery: 'l2' }],
    appliances: [appliance],
  }
}

/** Everything that is no comment. An automation carries the Linux script indented, comments and all. */
function program(system: PrepSystem, text: string): string[] {
  const comment = system === 'windows-cmd' ? /^rem / : /^ *#/
  return text.split(/\r\n|[\n\r\u0085\u2028\u2029]/).filter((line) => !comment.test(line))
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
      { numRuns: 400 },
    )
  })

  test.each(Object.keys(valid) as Field[])('a hostile %s never reaches the script', (field) => {
    fc.assert(
      fc.property(fc.tuple(hostileText, hostileText).filter(([before, after]) => before + after !== ''), ([before, after]) => {
        const value = before + valid[field] + after
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
      { numRuns: 120 },
    )
  })
})

describe.each(yamlSystems)('%s is read as the same YAML', (system) => {
  const read = (names: { backend: string; farm: string }): unknown => parse(generate(input(system, names)).text, (_, value: unknown) => (typeof value === 'string' ? program('linux', value) : value), { logLevel: 'error' })
  const benign = read({ backend: 'web1', farm: 'web' })

  test('whatever the names in its comments are', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (backend, farm) => {
        expect(read({ backend, farm })).toEqual(benign)
      }),
      { numRuns: 60 },
    )
  })
})

describe('at the edge', () => {
  const farm = (values: { name?: string; backend?: string; vip?: string; port?: string; address?: string }) =>
    farmSchema.safeParse({ name: values.name ?? 'web', vip: values.vip ?? valid.vip, ports: [values.port ?? '80'], backends: [{ name: values.backend ?? 'web1', address: values.address ?? valid.address }] })

  test.each(['name', 'backend'] as const)('a hostile %s of a farm or backend is refused', (field) => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(farm({ [field]: text }).success).toBe(namePattern.test(text))
      }),
      { numRuns: 500 },
    )
  })

  test.each(['vip', 'address', 'port'] as const)('a hostile %s is refused, unless it is a valid one', (field) => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { data } = farm({ [field]: text })
        if (data) expect({ vip: data.vip, address: data.backends[0]?.address, port: data.ports[0] }[field]).toMatch(/^[0-9a-f.:-]+$/)
      }),
      { numRuns: 500 },
    )
  })
})

test('a backend and a VIP of two address families are no input', () => {
  expect(() => prepScript(input('linux', { backend: 'web1', farm: 'web' }, { vip: 'fd09::100' }))).toThrow('one address family')
})

