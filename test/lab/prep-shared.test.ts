import { describe, expect, test } from 'vitest'
import { onPrepMachine, type PrepMachine } from './prep-machine.ts'
import { linuxScript } from './prep-script.ts'

const first = linuxScript({ vips: ['10.9.0.100', '10.9.0.101'] })
const second = linuxScript({ vips: ['10.9.0.100'], address: '10.9.0.22' })

async function onLo({ ip }: PrepMachine): Promise<string[]> {
  return [...(await ip('-o', '-4', 'addr', 'show', 'dev', 'lo', 'scope', 'global')).matchAll(/inet (\S+)\/32/g)].flatMap(([, address]) => address ?? [])
}

async function ignore({ sh }: PrepMachine): Promise<string> {
  return (await sh('cat /proc/sys/net/ipv4/conf/all/arp_ignore')).trim()
}

describe.concurrent('a VIP that two scripts of one machine need', () => {
  test('stays when one of them is undone, whichever added it, and goes with the last', () => onPrepMachine(async (machine) => {
    const before = await machine.snapshot()
    await machine.run(first, ['--apply'])
    await machine.run(second, ['--apply'])
    const { output } = await machine.run(first, ['--undo'])
    expect(output).toContain('kept: 10.9.0.100/32 is on lo, because another preparation script on this machine needs it.')
    expect(await onLo(machine)).toEqual(['10.9.0.100'])
    await machine.run(second, ['--undo'])
    expect(await machine.snapshot()).toBe(before)
  }))

  test('stays when the farms of one give it up', () => onPrepMachine(async (machine) => {
    await machine.run(first, ['--apply'])
    await machine.run(second, ['--apply'])
    await machine.run(linuxScript({ vips: ['10.9.0.101'] }), ['--apply'])
    expect((await onLo(machine)).sort()).toEqual(['10.9.0.100', '10.9.0.101'])
  }))
})

describe.concurrent('undo never leaves an address on lo that ARP would betray', () => {
  test('the settings stay for an address that somebody put there meanwhile, and go when it is gone', () => onPrepMachine(async (machine) => {
    const before = await machine.snapshot()
    await machine.run(first, ['--apply'])
    await machine.ip('addr', 'add', '192.0.2.9/32', 'dev', 'lo')
    expect((await machine.run(first, ['--undo'])).output).toContain('would answer ARP for 192.0.2.9 on lo')
    expect([await onLo(machine), await ignore(machine)]).toEqual([['192.0.2.9'], '1'])
    await machine.ip('addr', 'del', '192.0.2.9/32', 'dev', 'lo')
    expect((await machine.run(first, ['--undo'])).output).toContain('nothing of this script is left')
    expect(await machine.snapshot()).toBe(before)
  }))

  test('an address that was there before the first apply is no reason to keep them', () => onPrepMachine(async (machine) => {
    await machine.ip('addr', 'add', '192.0.2.9/32', 'dev', 'lo')
    const before = await machine.snapshot()
    await machine.run(first, ['--apply'])
    await machine.run(first, ['--undo'])
    expect(await machine.snapshot()).toBe(before)
  }))

  test('a VIP that was there by hand, and that only the boot script has brought back since, goes', () => onPrepMachine(async (machine) => {
    const clean = await machine.snapshot()
    await machine.ip('addr', 'add', '10.9.0.100/32', 'dev', 'lo')
    await machine.run(first, ['--apply'])
    // A boot: other kernel, same state folder, and the boot script has run.
    await machine.sh(`echo another >${machine.folder}/state/boot-10-9-0-21; rm ${machine.folder}/state/runtime-*`)
    await machine.run(first, ['--undo'])
    expect(await machine.snapshot()).toBe(clean)
  }))

  test('a value that somebody else set after apply is not overwritten', () => onPrepMachine(async (machine) => {
    await machine.run(first, ['--apply'])
    await machine.sh('echo 2 >/proc/sys/net/ipv4/conf/all/arp_ignore')
    expect((await machine.run(first, ['--undo'])).output).toContain('kept: arp_ignore on all interfaces is 2, which somebody set after --apply; before it was 0.')
    expect(await ignore(machine)).toBe('2')
  }))

  test('nor is one that apply had not needed to set', () => onPrepMachine(async (machine) => {
    await machine.sh('echo 2 >/proc/sys/net/ipv4/conf/all/arp_ignore')
    await machine.run(first, ['--apply'])
    await machine.sh('echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore')
    expect((await machine.run(first, ['--undo'])).output).toContain('kept: arp_ignore on all interfaces is 1, which somebody set after --apply; before it was 2.')
    expect(await ignore(machine)).toBe('1')
  }))
})
