import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPrepMachine, type PrepMachine } from './prep-machine.ts'
import type { Shell, Tools } from './prep-run.ts'
import { linuxScript } from './prep-script.ts'

const shells: Shell[] = ['dash', 'bash', 'busybox']
const toolSets: Tools[] = ['iproute2', 'busybox']

const both = { IPv4: linuxScript({ vips: ['10.9.0.100', '10.9.0.101'] }), IPv6: linuxScript({ vips: ['fd09::100', 'fd09::101'] }) }

let machine: PrepMachine
beforeEach(async () => {
  machine = await createPrepMachine()
})
afterEach(() => machine.remove())

describe.each(shells)('run by %s', (shell) => {
  describe.each(toolSets)('with %s', (tools) => {
    test.each(['IPv4', 'IPv6'] as const)('%s: apply, apply again, check, undo, undo again', async (family) => {
      const text = both[family]
      const run = (mode: string) => machine.run(text, [mode], { shell, tools })
      const before = await machine.snapshot()
      expect((await run('--check')).status).toBe(1)

      const first = await run('--apply')
      expect(first).toMatchObject({ status: 0, errors: '' })
      const applied = await machine.snapshot()
      expect(applied).not.toBe(before)

      const second = await run('--apply')
      expect(second).toMatchObject({ status: 0, errors: '' })
      expect(second.output).not.toMatch(/^(done|saved):/m)
      expect(await machine.snapshot()).toBe(applied)

      const check = await run('--check')
      expect(check).toMatchObject({ status: 0, errors: '' })
      expect(check.output).not.toContain('FAIL')
      expect((await run('--status')).output).toContain('applied: yes')

      expect(await run('--undo')).toMatchObject({ status: 0, errors: '' })
      expect(await machine.snapshot()).toBe(before)
      expect(await run('--undo')).toMatchObject({ status: 0, errors: '' })
      expect(await machine.snapshot()).toBe(before)
      expect(existsSync(join(machine.folder, 'state'))).toBe(false)
    })
  })
})

describe('apply', () => {
  test('puts each VIP on lo alone, with a host prefix, after the ARP settings', async () => {
    const { output } = await machine.run(both.IPv4, ['--apply'])
    expect(await machine.ip('-o', '-4', 'addr', 'show', 'to', '10.9.0.100/31')).toMatch(/^1: lo +inet 10\.9\.0\.100\/32 .*\n1: lo +inet 10\.9\.0\.101\/32 .*\n$/s)
    expect(output.indexOf('arp_announce')).toBeLessThan(output.indexOf('10.9.0.100/32 added'))
    expect(await machine.sh('cat /proc/sys/net/ipv4/conf/all/arp_ignore /proc/sys/net/ipv4/conf/all/arp_announce')).toBe('1\n2\n')
  })

  test('makes an IPv6 VIP deprecated, so that it is no source of own connections', async () => {
    await machine.run(both.IPv6, ['--apply'])
    expect(await machine.ip('-o', '-6', 'addr', 'show', 'dev', 'lo', 'to', 'fd09::100')).toContain('preferred_lft 0sec')
  })

  test('takes away the VIP of a farm that is no more', async () => {
    await machine.run(linuxScript({ vips: ['10.9.0.100', '10.9.0.101'] }), ['--apply'])
    expect((await machine.run(linuxScript({ vips: ['10.9.0.101', '10.9.0.102'] }), ['--apply'])).status).toBe(0)
    const addresses = await machine.ip('-o', '-4', 'addr', 'show', 'dev', 'lo')
    expect(addresses).not.toContain('10.9.0.100/32')
    expect(addresses).toContain('10.9.0.101/32')
    expect(addresses).toContain('10.9.0.102/32')
  })
})

describe('undo restores exactly what was there', () => {
  test('unusual ARP settings, another VIP on lo, and a VIP that was already there', async () => {
    await machine.sh('echo 3 >/proc/sys/net/ipv4/conf/all/arp_ignore; echo 1 >/proc/sys/net/ipv4/conf/all/arp_announce; echo 2 >/proc/sys/net/ipv4/conf/eth0/arp_ignore')
    await machine.ip('addr', 'add', '192.0.2.7/32', 'dev', 'lo')
    await machine.ip('addr', 'add', '10.9.0.100/32', 'dev', 'lo')
    const before = await machine.snapshot()
    expect((await machine.run(both.IPv4, ['--apply'])).status).toBe(0)
    await machine.run(both.IPv4, ['--apply'])
    expect((await machine.run(both.IPv4, ['--check'])).status).toBe(0)
    await machine.run(both.IPv4, ['--undo'])
    expect(await machine.snapshot()).toBe(before)
  })

  test('a machine with two backend addresses keeps the settings until the last script is undone', async () => {
    const second = linuxScript({ vips: ['10.9.0.102', '10.9.0.100'], address: '10.9.0.22' })
    const before = await machine.snapshot()
    await machine.run(both.IPv4, ['--apply'])
    await machine.run(second, ['--apply'])
    expect((await machine.run(both.IPv4, ['--undo'])).output).toContain('another preparation script')
    expect(await machine.sh('cat /proc/sys/net/ipv4/conf/all/arp_ignore')).toBe('1\n')
    await machine.run(second, ['--undo'])
    expect(await machine.snapshot()).toBe(before)
  })

  test('what was applied before a reboot without persistence is forgotten, not undone twice', async () => {
    await machine.run(both.IPv4, ['--apply', '--no-persist'])
    await machine.sh(`echo another-boot >${machine.folder}/state/runtime-10-9-0-21`)
    await machine.ip('addr', 'flush', 'dev', 'lo')
    await machine.sh('echo 0 >/proc/sys/net/ipv4/conf/all/arp_announce; echo 2 >/proc/sys/net/ipv4/conf/all/arp_ignore')
    const afterBoot = await machine.snapshot()
    await machine.run(both.IPv4, ['--apply', '--no-persist'])
    await machine.run(both.IPv4, ['--undo'])
    expect(await machine.snapshot()).toBe(afterBoot)
  })
})

const hurtful: Array<{ what: string; prepare: string; text: string; says: string }> = [
  { what: 'a VIP on the interface', prepare: 'ip addr add 10.9.0.100/24 dev eth0', text: both.IPv4, says: '10.9.0.100 is on eth0' },
  { what: 'a VIP on lo with a network prefix', prepare: 'ip addr add 10.9.0.101/24 dev lo', text: both.IPv4, says: 'on lo with prefix 24' },
  { what: 'an IPv6 VIP on lo with /64', prepare: 'ip addr add fd09::100/64 dev lo', text: both.IPv6, says: 'on lo with prefix 64' },
  { what: 'IPv6 switched off on lo', prepare: 'echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6', text: both.IPv6, says: 'IPv6 is disabled on lo' },
  { what: 'arp_ignore 3 on the interface', prepare: 'echo 3 >/proc/sys/net/ipv4/conf/eth0/arp_ignore', text: both.IPv4, says: 'arp_ignore is 3 on eth0' },
  { what: 'a machine without the address of the backend', prepare: 'true', text: linuxScript({ vips: ['10.9.0.100'], address: '10.9.0.99' }), says: 'no interface here has the address 10.9.0.99' },
]

describe('apply refuses before it changes anything', () => {
  test.each(hurtful)('$what', async ({ prepare, text, says }) => {
    await machine.sh(prepare)
    const before = await machine.snapshot()
    const result = await machine.run(text, ['--apply'])
    expect(result.status).toBe(3)
    expect(result.errors).toContain(says)
    expect(result.output).toBe('')
    expect(await machine.snapshot()).toBe(before)
    expect(existsSync(join(machine.folder, 'state'))).toBe(false)
  })

  test('a user who is not root', async () => {
    const result = await machine.run(both.IPv4, ['--apply'], { uid: 65534 })
    expect(result).toMatchObject({ status: 2, output: '' })
    expect(result.errors).toContain('as root')
  })

  test('a machine without the ip command', async () => {
    await machine.sh(`rm ${machine.folder}/tools/ip`)
    const result = await machine.run(both.IPv4, ['--apply'], { tools: 'busybox' })
    expect(result.status).toBe(3)
    expect(result.errors).toContain('there is no ip command')
  })

  test.each([[[]], [['--aply']], [['--check', '--apply']], [['--undo', '--no-persist']]])('arguments %j', async (args) => {
    const before = await machine.snapshot()
    expect((await machine.run(both.IPv4, args)).status).toBe(2)
    expect(await machine.snapshot()).toBe(before)
  })

  test('a download that stopped anywhere', async () => {
    const before = await machine.snapshot()
    const complete = both.IPv4.trimEnd().length
    for (let cut = complete - 1; cut > 0; cut -= 151) {
      await machine.run(both.IPv4.slice(0, cut), ['--apply'], { shell: cut % 2 ? 'dash' : 'busybox' })
      expect(await machine.snapshot(), `cut after ${cut} characters`).toBe(before)
    }
  })
})

describe('check names the mistake', () => {
  const mistakes: Array<[string, string, string]> = [
    ['a VIP that is gone', 'ip addr del 10.9.0.100/32 dev lo', '10.9.0.100 is not on lo'],
    ['a VIP on the interface too', 'ip addr add 10.9.0.100/24 dev eth0', '10.9.0.100/24 dev eth0'],
    ['arp_ignore taken back', 'echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore', 'arp_ignore is 0 in effect on eth0'],
    ['arp_announce 1', 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_announce', 'arp_announce is 1 in effect on eth0'],
    ['arp_ignore 3 on the interface', 'echo 3 >/proc/sys/net/ipv4/conf/eth0/arp_ignore', 'arp_ignore of eth0 itself is 3'],
  ]

  test.each(mistakes)('%s', async (_, mistake, says) => {
    await machine.run(both.IPv4, ['--apply'])
    await machine.sh(mistake)
    const broken = await machine.snapshot()
    const check = await machine.run(both.IPv4, ['--check'])
    expect(check.status).toBe(1)
    expect(check.output).toContain(`FAIL  ${says}`)
    expect(await machine.snapshot()).toBe(broken)
  })
})
