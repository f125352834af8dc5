import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPrepMachine, type PrepMachine } from './prep-machine.ts'
import { linuxScript } from './prep-script.ts'

const four = { text: linuxScript({ vips: ['10.9.0.100'] }), name: 'tangent-backend-10-9-0-21' }
const six = { text: linuxScript({ vips: ['fd09::100'] }), name: 'tangent-backend-fd09--21' }

let machine: PrepMachine
beforeEach(async () => {
  machine = await createPrepMachine()
})
afterEach(() => machine.remove())

function recorded(): string[] {
  return readFileSync(join(machine.folder, 'recorded'), 'utf8').trim().split('\n')
}

function outsideState(): Array<[string, string]> {
  return Object.entries(machine.files()).filter(([path]) => !path.startsWith('var/'))
}

/** A boot as far as the script can tell: addresses and settings are gone, then the boot command runs. */
async function reboot(args: string[]): Promise<string> {
  await machine.ip('addr', 'flush', 'dev', 'lo', 'scope', 'global')
  await machine.sh('echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore; echo 0 >/proc/sys/net/ipv4/conf/all/arp_announce')
  const { status, errors } = await machine.run(null, args, { ownFiles: true })
  expect({ status, errors }).toEqual({ status: 0, errors: '' })
  return machine.snapshot()
}

describe('with systemd', () => {
  beforeEach(() => {
    mkdirSync(join(machine.folder, 'run/systemd/system'), { recursive: true })
  })

  test.each([four, six])('the unit is valid, brings everything back at boot, and undo removes every file: $name', async ({ text, name }) => {
    const [filesBefore, before] = [machine.files(), await machine.snapshot()]
    const applied = await machine.run(text, ['--apply'], { ownFiles: true })
    expect(applied).toMatchObject({ status: 0, errors: '' })
    expect(recorded()).toEqual(['systemctl daemon-reload', `systemctl enable --quiet ${name}.service`])
    const prepared = await machine.snapshot()

    const unit = join(machine.folder, `etc/systemd/system/${name}.service`)
    execFileSync('systemd-analyze', ['verify', '--man=no', unit], { stdio: 'pipe' })
    const start = /^ExecStart=(.*)$/m.exec(readFileSync(unit, 'utf8'))?.[1]?.split(' ') ?? []
    expect(await reboot(start)).toBe(prepared)

    expect(await machine.run(text, ['--undo'], { ownFiles: true })).toMatchObject({ status: 0, errors: '' })
    expect(await machine.snapshot()).toBe(before)
    expect(machine.files()).toEqual(filesBefore)
    expect(recorded()).toContain(`systemctl disable --quiet ${name}.service`)
  })

  test('the ARP settings are in sysctl.d as long as one script needs them', async () => {
    const file = join(machine.folder, 'etc/sysctl.d/95-tangent-backend.conf')
    await machine.run(four.text, ['--apply'], { ownFiles: true })
    await machine.run(six.text, ['--apply'], { ownFiles: true })
    expect(readFileSync(file, 'utf8')).toContain('net.ipv4.conf.all.arp_ignore = 1\nnet.ipv4.conf.all.arp_announce = 2\n')
    await machine.run(six.text, ['--undo'], { ownFiles: true })
    expect(existsSync(file)).toBe(true)
    await machine.run(four.text, ['--undo'], { ownFiles: true })
    expect(existsSync(file)).toBe(false)
  })

  test('--no-persist writes nothing outside the state folder', async () => {
    const before = outsideState()
    await machine.run(four.text, ['--apply', '--no-persist'], { ownFiles: true })
    expect(outsideState()).toEqual(before)
    expect(existsSync(join(machine.folder, 'recorded'))).toBe(false)
  })
})

test('with OpenRC a local.d script brings everything back at boot, and undo removes it', async () => {
  const filesBefore = machine.files()
  await machine.run(four.text, ['--apply'], { ownFiles: true, shell: 'busybox' })
  expect(recorded()).toEqual(['rc-update -q add local default'])
  const prepared = await machine.snapshot()
  expect(await reboot([`/etc/local.d/${four.name}.start`])).toBe(prepared)
  await machine.run(four.text, ['--undo'], { ownFiles: true, shell: 'busybox' })
  expect(machine.files()).toEqual(filesBefore)
})

test('in a network namespace that is not the one of the machine, nothing is written for its next boot', async () => {
  const { folder, namespace } = machine
  writeFileSync(join(folder, 'script'), four.text)
  const mounts = ['etc /etc', 'var /var', 'tools /usr/sbin'].map((pair) => `mount --bind ${folder}/${pair}`)
  // The shell stays process 1, in the namespace of the host.
  const program = [...mounts, `nsenter --net=/run/netns/${namespace} ${folder}/shells/dash ${folder}/script --apply`, 'exit 0'].join('\n')
  const output = execFileSync('unshare', ['--mount', '--pid', '--fork', '--mount-proc', 'sh', '-ec', program], { encoding: 'utf8' })
  expect(output).toContain('network namespace of its own')
  expect(existsSync(join(folder, 'recorded'))).toBe(false)
  expect(readdirSync(join(folder, 'etc/local.d'))).toEqual([])
  expect(readdirSync(join(folder, 'var/lib/tangent-backend'))).toEqual([expect.stringMatching(/^netns-\d+$/)])
})
