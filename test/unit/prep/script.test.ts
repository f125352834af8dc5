import { describe, expect, test } from 'vitest'
import { kitSystems } from '#lib/prep/kit.ts'
import { addressLiteral, slug } from '#lib/prep/literal.ts'
import { line } from '#lib/prep/node.ts'
import { prepSystems } from '#lib/prep/prep.ts'
import type { PrepFarm, PrepInput, PrepSystem } from '#lib/prep/prep.ts'
import { prepScript } from '#lib/prep/script.ts'
import { generate } from './golden.ts'

const documents: PrepSystem[] = ['netplan', 'networkd', 'networkmanager', 'ifupdown', 'freebsd', 'container']

const web: PrepFarm = { name: 'web', vip: '10.9.0.100', additionalVips: [], protocol: 'tcp', ports: ['80'], mode: 'dsr', delivery: 'l2' }
const backend = { name: 'web1', address: '10.9.0.21' }

function input(farms: PrepFarm[], more: Partial<PrepInput> = {}): PrepInput {
  return { system: 'linux', backend, farms, appliances: [], ...more }
}

describe('a backend that needs no script is told why', () => {
  test('snat: nothing to prepare', () => {
    expect(prepScript(input([{ ...web, mode: 'snat' }]))).toEqual({ refusal: expect.stringContaining('Nothing to prepare') })
  })

  test.each(['dnat', 'stateless-dnat'] as const)('%s: the default gateway must be the appliance', (mode) => {
    expect(prepScript(input([{ ...web, mode }]))).toEqual({ refusal: expect.stringContaining('default gateway') })
  })

  test('several modes: each reason once', () => {
    const result = prepScript(input([{ ...web, mode: 'dnat' }, { ...web, name: 'b', mode: 'dnat' }, { ...web, name: 'c', mode: 'snat' }]))
    const refusal = 'refusal' in result ? result.refusal : ''
    expect(refusal.match(/default gateway/g)).toHaveLength(1)
    expect(refusal).toContain('Nothing to prepare')
  })

  test('no farm at all', () => {
    expect(prepScript(input([], { system: 'freebsd' }))).toEqual({ refusal: 'Nothing to prepare: this backend serves no farm.' })
  })

  test.each(['linux', 'linux-redirect', 'cloud-init'] as const)('a machine that was prepared before is put back by the script that it keeps: %s', (system) => {
    const linux = system === 'linux-redirect' ? system : 'linux'
    const line = `sudo sh /var/lib/tangent-backend/${generate(input([web], { system: linux })).filename} --undo`
    for (const farms of [[], [{ ...web, mode: 'snat' as const }]]) expect(prepScript(input(farms, { system }))).toEqual({ refusal: expect.stringContaining(line) })
  })
})

describe('one script covers every DSR farm of the backend', () => {
  const farms = [web, { ...web, name: 'udp', protocol: 'udp' as const }, { ...web, name: 'other', vip: '10.9.0.101' }, { ...web, name: 'snat', vip: '10.9.0.102', mode: 'snat' as const }]

  test('each VIP once, those of other modes never', () => {
    expect(generate(input(farms)).text).toContain("\nVIPS='10.9.0.101 10.9.0.100'\n")
    expect(generate(input(farms)).text).not.toContain('10.9.0.102')
  })

  test.each(prepSystems)('%s: every VIP of a farm, each with its ports', (system) => {
    const script = generate(input([{ ...web, additionalVips: ['10.9.0.101', '10.9.0.102'] }], { system }))
    for (const vip of ['10.9.0.100', '10.9.0.101', '10.9.0.102']) {
      expect(script.text).toContain(`farm web: VIP ${vip}, tcp, port 80`)
      expect(script.changes.some(({ what }) => what.includes(`${vip}/`))).toBe(true)
    }
  })

  test('a VIP that is the first of one farm and an additional one of another is there once', () => {
    const farms = [{ ...web, additionalVips: ['10.9.0.101'] }, { ...web, name: 'tls', vip: '10.9.0.101', additionalVips: ['10.9.0.100'], ports: ['443'] }]
    expect(generate(input(farms)).text).toContain("\nVIPS='10.9.0.101 10.9.0.100'\n")
    expect(generate(input(farms)).text).toContain("\nSERVICES='10.9.0.101/tcp/443 10.9.0.100/tcp/443 10.9.0.100/tcp/80 10.9.0.101/tcp/80'\n")
  })

  test('the order of the farms does not matter', () => {
    expect(generate(input([...farms].reverse())).text).toBe(generate(input(farms)).text)
  })
})

describe('what comes with the script', () => {
  test.each(prepSystems)('%s: a safe file name that no other system has, and a reason for every change', (system) => {
    const script = generate(input([web], { system }))
    expect(script.filename).toMatch(/^tangent-[a-z-]+-10-9-0-21(\.[a-z0-9]+)?$/)
    expect(prepSystems.filter((other) => generate(input([web], { system: other })).filename === script.filename)).toEqual([system])
    expect(script.changes.some(({ what }) => what.includes('10.9.0.100/'))).toBe(true)
    for (const change of script.changes) expect(change.why).toMatch(/\.$/)
  })

  test.each(prepSystems)('%s: commands that apply, check and undo, of a file that is there', (system) => {
    const { filename, commands } = generate(input([web], { system }))
    const checker = kitSystems(system).map((each) => generate(input([web], { system: each })).filename)
    expect(commands.apply).toContain(filename)
    // FreeBSD is looked at with its own tools, and cloud-init leaves the Linux script on the machine.
    if (system !== 'freebsd') expect(checker.some((file) => commands.check.includes(file))).toBe(true)
    for (const command of Object.values(commands)) expect(command).toMatch(/^[\x20-\x7e]+$/)
  })

  test.each(documents)('%s: its comments hold the commands, in the same order', (system) => {
    const { text, commands } = generate(input([web], { system }))
    const commented = text.split('\n').flatMap((line) => (line.startsWith('#   ') ? [line.slice(4)] : []))
    expect(commented.join(' && ')).toContain([commands.apply, commands.check, commands.undo].join(' && '))
  })

  test('IPv6 needs no ARP settings and a /128', () => {
    const script = generate(input([{ ...web, vip: 'fd09::100' }], { backend: { name: 'web1', address: 'fd09::21' } }))
    expect(script.changes.map(({ what }) => what).join()).not.toContain('arp_')
    expect(script.changes[0]?.what).toContain('fd09::100/128')
  })
})

test('a line of a configuration file takes parsed values only', () => {
  const [vip, name] = [addressLiteral('10.9.0.100').text, slug('web')]
  expect(line`Address=${vip}/${32}`.text).toBe('Address=10.9.0.100/32')
  // @ts-expect-error A plain string may hold anything.
  expect(line`Address=${'10.9.0.100'}`.text).toBe('Address=10.9.0.100')
  // @ts-expect-error A name belongs into a comment.
  expect(line`id=${name}`.text).toBe('id=web')
  expect(() => line`two
lines`).toThrow('more than one line')
})
