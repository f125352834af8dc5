import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PrepSystem } from '#lib/prep/prep.ts'
import { addTool } from './prep-folder.ts'
import { onPrepMachine, type PrepMachine } from './prep-machine.ts'
import { scriptFor } from './prep-script.ts'

const ownFiles = { ownFiles: true }
const names = { 'linux': 'tangent-backend-10-9-0-21', 'linux-redirect': 'tangent-redirect-10-9-0-21' }
const scripts = { 'linux': text('linux'), 'linux-redirect': text('linux-redirect') }

function text(system: PrepSystem): string {
  return scriptFor(system, { vips: ['10.9.0.100'] }).text
}

function onSystemd(work: (machine: PrepMachine) => Promise<void>): Promise<void> {
  return onPrepMachine(async (machine) => {
    addTool(machine.folder, '/usr/sbin/nft')
    mkdirSync(join(machine.folder, 'run/systemd/system'), { recursive: true })
    await work(machine)
  })
}

const readOnly = (folder: string): string => `mount -o bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`
const full = (folder: string): string => `mount -t tmpfs -o size=4k,mode=755 none ${folder} && head -c 4096 /dev/zero >${folder}/full`

const obstacles: Array<{ what: string; obstacle: string; says: string; system?: keyof typeof names }> = [
  { what: 'a read-only /usr/local', obstacle: readOnly('/usr/local'), says: '/usr/local/sbin cannot be written' },
  { what: 'a full /usr/local without sbin', obstacle: full('/usr/local'), says: '/usr/local/sbin cannot be written' },
  { what: 'a read-only folder of units', obstacle: readOnly('/etc/systemd/system'), says: '/etc/systemd/system cannot be written' },
  { what: 'a full /etc/sysctl.d', obstacle: full('/etc/sysctl.d'), says: '/etc/sysctl.d cannot be written' },
  { what: 'a masked unit', obstacle: `ln -s /dev/null /etc/systemd/system/${names.linux}.service`, says: `systemctl unmask ${names.linux}.service` },
  { what: 'a read-only folder of units, redirected', obstacle: readOnly('/etc/systemd/system'), says: '/etc/systemd/system cannot be written', system: 'linux-redirect' },
  { what: 'OpenRC with a full /etc/local.d', obstacle: `rm -r /run/systemd && ${full('/etc/local.d')}`, says: '/etc/local.d cannot be written' },
]

describe.concurrent('apply that could not last over a reboot is refused before it changes anything, and goes on with --no-persist', () => {
  test.each(obstacles)('$what', ({ obstacle, says, system = 'linux' }) => onSystemd(async (machine) => {
    expect(await machine.run(obstacle, [], ownFiles)).toMatchObject({ status: 0, errors: '' })
    const [before, files] = [await machine.snapshot(), machine.files()]
    const refused = await machine.run(scripts[system], ['--apply'], ownFiles)
    expect(refused).toMatchObject({ status: 3, output: '', errors: expect.stringContaining(says) })
    expect(refused.errors).toContain('--no-persist')
    expect(await machine.snapshot()).toBe(before)
    expect(machine.files()).toEqual(files)
    expect(await machine.run(scripts[system], ['--apply', '--no-persist'], ownFiles)).toMatchObject({ status: 0, errors: '' })
    expect(await machine.run(scripts[system], ['--undo'], ownFiles)).toMatchObject({ status: 0, errors: '' })
    expect(await machine.snapshot()).toBe(before)
    expect(machine.files()).toEqual(files)
  }))

  test.each([['read-only', readOnly], ['full', full]])('a state folder that is %s: for neither', (_, obstacle) => onSystemd(async (machine) => {
    await machine.run(obstacle('/var/lib'), [], ownFiles)
    const before = await machine.snapshot()
    for (const args of [['--apply'], ['--apply', '--no-persist']]) {
      expect(await machine.run(scripts.linux, args, ownFiles)).toMatchObject({ status: 3, output: '', errors: expect.stringContaining('/var/lib/tangent-backend cannot be written') })
    }
    expect(await machine.snapshot()).toBe(before)
  }))

  test('where all is written already, nothing stands in the way', () => onSystemd(async (machine) => {
    await machine.run(scripts.linux, ['--apply'], ownFiles)
    await machine.run([readOnly('/usr/local'), readOnly('/etc')].join('\n'), [], ownFiles)
    expect(await machine.run(scripts.linux, ['--apply'], ownFiles)).toMatchObject({ status: 0, errors: '' })
  }))
})

describe.concurrent.each(['dash', 'bash', 'busybox'] as const)('kernel settings that cannot be written, as in a container: %s', (shell) => {
  const settings = 'cd /proc/sys/net/ipv4/conf/all'

  test('are no obstacle when they are right already, for the start or for undo', () => onPrepMachine(async (machine) => {
    await machine.sh(`${settings}; echo 1 >arp_ignore; echo 2 >arp_announce`)
    const before = await machine.snapshot()
    await machine.run(readOnly('/proc/sys'), [], { shell })
    for (const mode of ['--apply', '--apply', '--undo']) expect(await machine.run(scripts.linux, [mode], { shell })).toMatchObject({ status: 0, errors: '' })
    expect(await machine.snapshot()).toBe(before)
  }))

  test.each(['arp_ignore', 'arp_announce'])('are refused before anything is changed when %s is not', (key) => onPrepMachine(async (machine) => {
    await machine.sh(`${settings}; echo 2 >arp_ignore; echo 2 >arp_announce; echo 0 >${key}`)
    const before = await machine.snapshot()
    await machine.run(readOnly('/proc/sys'), [], { shell })
    expect(await machine.run(scripts.linux, ['--apply'], { shell })).toMatchObject({ status: 3, output: '', errors: expect.stringContaining(`all/${key} cannot be written here`) })
    expect(await machine.snapshot()).toBe(before)
    expect(existsSync(join(machine.folder, 'state'))).toBe(false)
  }))
})

describe.concurrent('apply that fails in the middle', () => {
  test.each(['linux', 'linux-redirect'] as const)('says that what it did stands and what to do, with a status of its own: %s', (system) => onSystemd(async (machine) => {
    const [before, files] = [await machine.snapshot(), machine.files()]
    const systemctl = join(machine.folder, 'tools/systemctl')
    const good = readFileSync(systemctl)
    writeFileSync(systemctl, '#!/bin/sh\necho "Failed to connect to bus" >&2\nexit 1\n')
    const failed = await machine.run(scripts[system], ['--apply'], ownFiles)
    expect(failed).toMatchObject({ status: 4, errors: expect.stringMatching(/^Failed to connect to bus\nfailed in the middle of --apply: .*run --apply again.*--undo/) })
    expect(failed.output).toMatch(/^done: /m)
    expect((await machine.run(scripts[system], ['--check'], ownFiles)).output).toContain('After a reboot this machine is not prepared')

    writeFileSync(systemctl, good)
    expect(await machine.run(scripts[system], ['--apply'], ownFiles)).toMatchObject({ status: 0, errors: '' })
    expect((await machine.run(scripts[system], ['--check'], ownFiles)).output).toContain('After a reboot this machine is prepared again')
    expect(await machine.run(scripts[system], ['--undo'], ownFiles)).toMatchObject({ status: 0, errors: '' })
    expect(await machine.snapshot()).toBe(before)
    expect(machine.files()).toEqual(files)
  }))
})

test('a unit that somebody masked or deleted is not called right by the check', () => onSystemd(async (machine) => {
  const unit = join(machine.folder, `etc/systemd/system/${names.linux}.service`)
  const said = async (): Promise<string> => (await machine.run(scripts.linux, ['--check'], ownFiles)).output
  await machine.run(scripts.linux, ['--apply'], ownFiles)
  expect(await said()).toContain('ok    After a reboot this machine is prepared again')
  rmSync(unit)
  expect(await said()).toContain(`not prepared: ${names.linux}.service is missing`)
  symlinkSync('/dev/null', unit)
  expect(await said()).toContain(`not prepared: ${names.linux}.service is masked`)
}))
