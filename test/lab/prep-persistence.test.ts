import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CheckItem } from '#lib/prep/finding.ts'
import { command } from './command.ts'
import { report } from './prep-check.ts'
import { onPrepMachine, type PrepMachine } from './prep-machine.ts'
import { linuxScript } from './prep-script.ts'

const four = { text: linuxScript({ vips: ['10.9.0.100'] }), name: 'tangent-backend-10-9-0-21' }
const six = { text: linuxScript({ vips: ['fd09::100'] }), name: 'tangent-backend-fd09--21' }

const ownFiles = { ownFiles: true }

function recorded({ folder }: PrepMachine): string[] {
  return readFileSync(join(folder, 'recorded'), 'utf8').trim().split('\n')
}

async function succeed(run: ReturnType<PrepMachine['run']>): Promise<void> {
  expect(await run).toMatchObject({ status: 0, errors: '' })
}

/** A machine on which systemd runs. */
function onSystemd(work: (machine: PrepMachine) => Promise<void>): Promise<void> {
  return onPrepMachine(async (machine) => {
    mkdirSync(join(machine.folder, 'run/systemd/system'), { recursive: true })
    await work(machine)
  })
}

describe.concurrent('with systemd', () => {
  test.each([four, six])('the unit is valid and enabled, and undo removes every file: $name', ({ text, name }) => onSystemd(async (machine) => {
    const [files, before] = [machine.files(), await machine.snapshot()]
    await succeed(machine.run(text, ['--apply'], ownFiles))
    expect(recorded(machine)).toEqual(['systemctl daemon-reload', `systemctl enable --quiet ${name}.service`])
    execFileSync('systemd-analyze', ['verify', '--man=no', join(machine.folder, `etc/systemd/system/${name}.service`)], { stdio: 'pipe' })

    await succeed(machine.run(text, ['--undo'], ownFiles))
    expect(await machine.snapshot()).toBe(before)
    expect(machine.files()).toEqual(files)
    expect(recorded(machine)).toContain(`systemctl disable --quiet ${name}.service`)
  }))

  test('the ARP settings are in sysctl.d as long as one script needs them', () => onSystemd(async (machine) => {
    const file = join(machine.folder, 'etc/sysctl.d/95-tangent-backend.conf')
    await succeed(machine.run(four.text, ['--apply'], ownFiles))
    await succeed(machine.run(six.text, ['--apply'], ownFiles))
    expect(readFileSync(file, 'utf8')).toContain('net.ipv4.conf.all.arp_ignore = 1\nnet.ipv4.conf.all.arp_announce = 2\n')
    await succeed(machine.run(six.text, ['--undo'], ownFiles))
    expect(existsSync(file)).toBe(true)
    await succeed(machine.run(four.text, ['--undo'], ownFiles))
    expect(existsSync(file)).toBe(false)
  }))

  test('--no-persist writes nothing outside the state folder, and what it did is forgotten after the next boot', () => onSystemd(async (machine) => {
    const files = machine.files()
    await succeed(machine.run(four.text, ['--apply', '--no-persist'], ownFiles))
    expect(Object.entries(machine.files()).filter(([path]) => !path.startsWith('var/lib/tangent-backend'))).toEqual(Object.entries(files))
    expect(existsSync(join(machine.folder, 'recorded'))).toBe(false)

    await machine.reboot()
    await machine.sh('echo 2 >/proc/sys/net/ipv4/conf/all/arp_ignore; ip addr add 10.9.0.100/32 dev lo')
    await machine.connect()
    const afterBoot = await machine.snapshot()
    await succeed(machine.run(four.text, ['--apply', '--no-persist'], ownFiles))
    await succeed(machine.run(four.text, ['--undo'], ownFiles))
    expect(await machine.snapshot()).toBe(afterBoot)
    expect(machine.files()).toEqual(files)
  }))

  test('the check says what the next boot prepares', () => onSystemd(async (machine) => {
    const persistence = async (text: string): Promise<CheckItem | undefined> => (await report(machine, text, ownFiles)).report.items.find(({ code }) => code === 'persistence')
    const subject = four.name
    expect(await persistence(four.text)).toMatchObject({ subject, verdict: 'warn', found: 'nothing of this script runs at boot' })
    await succeed(machine.run(four.text, ['--apply'], ownFiles))
    expect(await persistence(four.text)).toMatchObject({ subject, verdict: 'ok', found: `/usr/local/sbin/${four.name}` })
    const more = linuxScript({ vips: ['10.9.0.100', '10.9.0.101'] })
    expect(await persistence(more)).toMatchObject({ subject, verdict: 'warn', found: `/usr/local/sbin/${four.name} is of another state of the farms` })
    await succeed(machine.run(more, ['--apply'], ownFiles))
    expect(await persistence(more)).toMatchObject({ subject, verdict: 'ok' })
    rmSync(join(machine.folder, `etc/systemd/system/multi-user.target.wants/${four.name}.service`))
    expect(await persistence(more)).toMatchObject({ subject, verdict: 'warn', found: `/usr/local/sbin/${four.name} is not enabled` })
    await succeed(machine.run(more, ['--apply'], ownFiles))
    expect(await persistence(more)).toMatchObject({ subject, verdict: 'ok' })
  }))
})

test('with OpenRC a local.d script is there, which undo removes', () => onPrepMachine(async (machine) => {
  const files = machine.files()
  await succeed(machine.run(four.text, ['--apply'], { ...ownFiles, shell: 'busybox' }))
  expect(recorded(machine)).toEqual(['rc-update -q add local default'])
  expect(machine.files()[`etc/local.d/${four.name}.start`]).toMatch(/^755 #!\/bin\/sh\n/)
  await succeed(machine.run(four.text, ['--undo'], { ...ownFiles, shell: 'busybox' }))
  expect(machine.files()).toEqual(files)
}))

test('in a network namespace that is not the one of the machine, nothing is written for its next boot', () => onPrepMachine(async (machine) => {
  const { folder, namespace } = machine
  writeFileSync(join(folder, 'script'), four.text)
  const mounts = ['etc /etc', 'var /var', 'tools /usr/sbin'].map((pair) => `mount --bind ${folder}/${pair}`)
  // The shell stays process 1, in the namespace of the host.
  const program = [...mounts, `nsenter --net=/run/netns/${namespace} ${folder}/shells/dash ${folder}/script --apply`, 'exit 0'].join('\n')
  const output = await command(['unshare', '--mount', '--pid', '--fork', '--mount-proc', 'sh', '-ec', program])
  expect(output).toContain('network namespace of its own')
  expect(existsSync(join(folder, 'recorded'))).toBe(false)
  expect(readdirSync(join(folder, 'etc/local.d'))).toEqual([])
  expect(readdirSync(join(folder, 'var/lib/tangent-backend'))).toEqual([expect.stringMatching(/^netns-\d+$/)])
}))
