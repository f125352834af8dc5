import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { check, report } from './prep-check.ts'
import { startListener } from './prep-listener.ts'
import { onPrepMachine } from './prep-machine.ts'
import type { RunOptions, Shell, Tools } from './prep-run.ts'
import { linuxScript } from './prep-script.ts'

const shells: Shell[] = ['dash', 'bash', 'busybox']
const toolSets: Tools[] = ['iproute2', 'busybox']

const families = {
  IPv4: {
    every: '0.0.0.0',
    vips: ['10.9.0.100', '10.9.0.101'],
    unusual: ['echo 3 >/proc/sys/net/ipv4/conf/all/arp_ignore', 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_announce', 'echo 2 >/proc/sys/net/ipv4/conf/eth0/arp_ignore', 'ip addr add 192.0.2.7/32 dev lo', 'ip addr add 10.9.0.101/32 dev lo'],
  },
  IPv6: { every: '::', vips: ['fd09::100', 'fd09::101'], unusual: ['ip addr add 2001:db8:7::7/128 dev lo', 'ip addr add fd09::101/128 dev lo'] },
}
const both = { IPv4: linuxScript(families.IPv4), IPv6: linuxScript(families.IPv6) }

describe.concurrent.each(shells)('run by %s', (shell) => {
  describe.each(toolSets)('with %s', (tools) => {
    test.each(['IPv4', 'IPv6'] as const)('%s: apply from a pipe, apply again, check, status, undo, undo again, on a machine with unusual settings and VIPs', (family) =>
      onPrepMachine(async (machine) => {
        const text = both[family]
        const run = (args: string[], options: RunOptions = {}) => machine.run(text, args, { shell, tools, ...options })
        await machine.sh(families[family].unusual.join('\n'))
        await startListener(machine.namespace, families[family].every, 80)
        const before = await machine.snapshot()
        expect((await report(machine, text, { shell, tools })).status).toBe(1)

        expect(await run(['--apply'], { piped: true })).toMatchObject({ status: 0, errors: '' })
        const applied = await machine.snapshot()
        expect(applied).not.toBe(before)
        const second = await run(['--apply'])
        expect(second).toMatchObject({ status: 0, errors: '' })
        expect(second.output).not.toMatch(/^(done|saved):/m)
        expect(await machine.snapshot()).toBe(applied)

        const { wrong } = await check(machine, text, { shell, tools })
        // Busybox has nothing that reads a firewall, and says so.
        expect(wrong).toEqual(tools === 'iproute2' ? [] : families[family].vips.map((vip) => expect.stringMatching(`^warn firewall ${vip}/tcp/80 there is no nft`)))
        expect((await run(['--status'])).output).toContain('applied: yes')
        expect(JSON.parse((await run(['--status', '--json'])).output)).toMatchObject({ system: 'linux', vips: families[family].vips, present: families[family].vips, applied: true })

        for (const time of ['once', 'twice']) {
          expect(await run(['--undo'], { piped: time === 'twice' }), time).toMatchObject({ status: 0, errors: '' })
          expect(await machine.snapshot(), time).toBe(before)
        }
        expect(existsSync(join(machine.folder, 'state'))).toBe(false)
      }),
    )
  })
})

describe.concurrent('apply', () => {
  test('puts each VIP on lo alone, with a host prefix, after the ARP settings', () => onPrepMachine(async (machine) => {
    const { output } = await machine.run(both.IPv4, ['--apply'])
    expect(await machine.ip('-o', '-4', 'addr', 'show', 'to', '10.9.0.100/31')).toMatch(/^1: lo +inet 10\.9\.0\.100\/32 .*\n1: lo +inet 10\.9\.0\.101\/32 .*\n$/s)
    expect(output.indexOf('arp_announce')).toBeLessThan(output.indexOf('10.9.0.100/32 added'))
    expect(await machine.sh('cat /proc/sys/net/ipv4/conf/all/arp_ignore /proc/sys/net/ipv4/conf/all/arp_announce')).toBe('1\n2\n')
  }))

  test.each(toolSets)('takes a VIP that is among the neighbours for no proxy, with %s', (tools) => onPrepMachine(async (machine) => {
    await machine.ip('neigh', 'add', 'fd09::100', 'lladdr', '02:00:00:00:00:01', 'dev', 'eth0')
    expect(await machine.run(both.IPv6, ['--apply'], { tools })).toMatchObject({ status: 0, errors: '' })
  }))

  test('says once which other addresses the network cannot ask for any more', () => onPrepMachine(async (machine) => {
    await machine.sh('ip addr add 10.9.0.60/32 dev lo; ip addr add 10.9.0.101/32 dev lo; ip link add name dummy7 type bridge; ip addr add 10.9.0.61/32 dev dummy7')
    const notes = async (): Promise<string[]> => (await machine.run(both.IPv4, ['--apply'])).output.split('\n').filter((line) => line.includes('no ARP answer'))
    expect(await notes()).toEqual([expect.stringContaining('10.9.0.60 on lo, 10.9.0.61 on dummy7.')])
    expect(await notes()).toEqual([])
  }))

  test('makes an IPv6 VIP deprecated, so that it is no source of own connections', () => onPrepMachine(async (machine) => {
    await machine.run(both.IPv6, ['--apply'])
    expect(await machine.ip('-o', '-6', 'addr', 'show', 'dev', 'lo', 'to', 'fd09::100')).toContain('preferred_lft 0sec')
  }))

  test('takes away the VIP of a farm that is no more', () => onPrepMachine(async (machine) => {
    await machine.run(linuxScript({ vips: ['10.9.0.100', '10.9.0.101'] }), ['--apply'])
    expect((await machine.run(linuxScript({ vips: ['10.9.0.101', '10.9.0.102'] }), ['--apply'])).status).toBe(0)
    const addresses = await machine.ip('-o', '-4', 'addr', 'show', 'dev', 'lo')
    expect(addresses).not.toContain('10.9.0.100/32')
    expect(addresses).toContain('10.9.0.101/32')
    expect(addresses).toContain('10.9.0.102/32')
  }))
})

describe.concurrent('undo restores exactly what was there', () => {
  test('a machine with two backend addresses keeps the settings until the last script is undone', () => onPrepMachine(async (machine) => {
    const second = linuxScript({ vips: ['10.9.0.102', '10.9.0.100'], address: '10.9.0.22' })
    const before = await machine.snapshot()
    await machine.run(both.IPv4, ['--apply'])
    await machine.run(second, ['--apply'])
    expect((await machine.run(both.IPv4, ['--undo'])).output).toContain('another preparation script')
    expect(await machine.sh('cat /proc/sys/net/ipv4/conf/all/arp_ignore')).toBe('1\n')
    await machine.run(second, ['--undo'])
    expect(await machine.snapshot()).toBe(before)
  }))
})

const hurtful: Array<{ what: string; prepare: string; text: string; says: string }> = [
  { what: 'a VIP on the interface', prepare: 'ip addr add 10.9.0.100/24 dev eth0', text: both.IPv4, says: '10.9.0.100 is on eth0' },
  { what: 'a VIP on lo with a network prefix', prepare: 'ip addr add 10.9.0.101/24 dev lo', text: both.IPv4, says: 'on lo with prefix 24' },
  { what: 'an IPv6 VIP on lo with /64', prepare: 'ip addr add fd09::100/64 dev lo', text: both.IPv6, says: 'on lo with prefix 64' },
  { what: 'IPv6 switched off on lo', prepare: 'echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6', text: both.IPv6, says: 'IPv6 is disabled on lo' },
  { what: 'arp_ignore 3 on the interface', prepare: 'echo 3 >/proc/sys/net/ipv4/conf/eth0/arp_ignore', text: both.IPv4, says: 'arp_ignore is 3 on eth0' },
  { what: 'a machine without the address of the backend', prepare: 'true', text: linuxScript({ vips: ['10.9.0.100'], address: '10.9.0.99' }), says: 'no interface here has the address 10.9.0.99' },
]

describe.concurrent('apply refuses before it changes anything', () => {
  test.each(hurtful)('$what', ({ prepare, text, says }) => onPrepMachine(async (machine) => {
    await machine.sh(prepare)
    const before = await machine.snapshot()
    const result = await machine.run(text, ['--apply'])
    expect(result.status).toBe(3)
    expect(result.errors).toContain(says)
    expect(result.output).toBe('')
    expect(await machine.snapshot()).toBe(before)
    expect(existsSync(join(machine.folder, 'state'))).toBe(false)
  }))

  // Every one is a legal name: a command to copy must not run it, nor be about another interface.
  test.each([
    ['$(id)', 'echo 3 >"/proc/sys/net/ipv4/conf/$(id)/arp_ignore"', 'echo 0 > /proc/sys/net/ipv4/conf/INTERFACE/arp_ignore'],
    ['x;y', 'ip addr add 10.9.0.100/24 dev "x;y"', 'ip addr del 10.9.0.100/24 dev INTERFACE'],
    ['a@b', 'ip addr add 10.9.0.100/24 dev a@b', 'ip addr del 10.9.0.100/24 dev a@b'],
    ['.x', 'echo 3 >/proc/sys/net/ipv4/conf/.x/arp_ignore', 'echo 0 > /proc/sys/net/ipv4/conf/.x/arp_ignore'],
  ])('because of an interface called %s, with a command that is safe to copy; the check says the same', (name, mistake, says) => onPrepMachine(async (machine) => {
    await machine.ip('link', 'add', 'name', name, 'type', 'bridge')
    await machine.sh(mistake.replaceAll('$', '\\$'))
    expect(await machine.run(both.IPv4, ['--apply'])).toMatchObject({ status: 3, output: '', errors: expect.stringContaining(says) })
    expect((await check(machine, both.IPv4)).text).toContain(says)
  }))

  test('a user who is not root', () => onPrepMachine(async (machine) => {
    const result = await machine.run(both.IPv4, ['--apply'], { uid: 65534 })
    expect(result).toMatchObject({ status: 2, output: '' })
    expect(result.errors).toContain('as root')
  }))

  test('a machine without the ip command', () => onPrepMachine(async (machine) => {
    await machine.sh(`rm ${machine.folder}/tools/ip`)
    const result = await machine.run(both.IPv4, ['--apply'], { tools: 'busybox' })
    expect(result.status).toBe(3)
    expect(result.errors).toContain('there is no ip command')
  }))

  test('arguments that are none', () => onPrepMachine(async (machine) => {
    const before = await machine.snapshot()
    for (const args of [[], ['--aply'], ['--check', '--apply'], ['--undo', '--no-persist'], ['--apply', '--json'], ['--apply', 'now']]) {
      expect(await machine.run(both.IPv4, args), args.join(' ')).toMatchObject({ status: 2, output: '', errors: expect.stringContaining('Usage') })
      expect(await machine.snapshot(), args.join(' ')).toBe(before)
    }
  }))

  test('a download that stopped anywhere', () => onPrepMachine(async (machine) => {
    const before = await machine.snapshot()
    const complete = both.IPv4.trimEnd().length
    const step = Math.ceil(complete / 40)
    for (let cut = complete - 1; cut > 0; cut -= step) {
      await machine.run(both.IPv4.slice(0, cut), ['--apply'], { shell: cut % 2 ? 'dash' : 'busybox' })
      expect(await machine.snapshot(), `cut after ${cut} characters`).toBe(before)
    }
  }))
})

describe.concurrent('the check', () => {
  test('needs no root, and says what only root can see', () => onPrepMachine(async (machine) => {
    await startListener(machine.namespace, '::', 80)
    await machine.run(both.IPv4, ['--apply'])
    const { status, wrong } = await check(machine, both.IPv4, { uid: 65534 })
    expect({ status, wrong }).toEqual({ status: 0, wrong: families.IPv4.vips.map((vip) => `warn firewall ${vip}/tcp/80 only root can read its rules`) })
  }))

  test('says that it cannot see who listens, when there is neither ss nor netstat', () => onPrepMachine(async (machine) => {
    rmSync(join(machine.folder, 'tools/netstat'))
    await machine.run(both.IPv4, ['--apply'])
    const { status, wrong } = await check(machine, both.IPv4, { tools: 'busybox' })
    expect(status).toBe(0)
    expect(wrong.filter((item) => item.includes('listener'))).toEqual(families.IPv4.vips.map((vip) => `warn listener ${vip}/tcp/80 neither ss nor netstat is here`))
  }))

  test('changes nothing', () => onPrepMachine(async (machine) => {
    await machine.sh(families.IPv4.unusual.join('\n'))
    const [before, files] = [await machine.snapshot(), machine.files()]
    await check(machine, both.IPv4, { ownFiles: true })
    expect({ before: await machine.snapshot(), files: machine.files() }).toEqual({ before, files })
  }))
})
