import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { addTool } from './prep-folder.ts'
import { onPrepMachine, type PrepMachine } from './prep-machine.ts'
import type { Shell } from './prep-run.ts'
import { scriptFor } from './prep-script.ts'

const ownFiles = { ownFiles: true }
const systems = ['linux', 'linux-redirect'] as const
const script = { 'linux': scriptFor('linux', { vips: ['10.9.0.100'] }), 'linux-redirect': scriptFor('linux-redirect', { vips: ['10.9.0.100'] }) }

function onSystemd(work: (machine: PrepMachine) => Promise<void>): Promise<void> {
  return onPrepMachine(async (machine) => {
    addTool(machine.folder, '/usr/sbin/nft')
    mkdirSync(join(machine.folder, 'run/systemd/system'), { recursive: true })
    await work(machine)
  })
}

describe.concurrent.each(systems)('%s: a machine that the console has forgotten', (system) => {
  const { text, filename } = script[system]
  const kept = `/var/lib/tangent-backend/${filename}`
  const line = `sudo sh ${kept} --undo`

  test.each<Shell>(['dash', 'bash', 'busybox'])('is put back byte for byte by the script that apply kept there, for root alone: %s', (shell) => onSystemd(async (machine) => {
    const [before, files] = [await machine.snapshot(), machine.files()]
    expect(await machine.run(text, ['--apply'], { ...ownFiles, shell })).toMatchObject({ status: 0, errors: '', output: expect.stringContaining(line) })
    expect(machine.files()[kept.slice(1)]).toBe(`600 ${text}`)
    expect((await machine.run(text, ['--status'], { ...ownFiles, shell })).output).toContain(line)
    const interpreter = [join(machine.folder, 'shells', shell), ...(shell === 'busybox' ? ['sh'] : [])]
    for (const mode of ['--apply', '--undo']) expect(await machine.run(null, [...interpreter, kept, mode], ownFiles)).toMatchObject({ status: 0, errors: '' })
    expect(await machine.snapshot()).toBe(before)
    expect(machine.files()).toEqual(files)
    expect((await machine.run(text, ['--status'], { ...ownFiles, shell })).output).not.toContain(line)
  }))

  test('is told to keep the script when that came through a pipe', () => onSystemd(async (machine) => {
    const { output } = await machine.run(text, ['--apply'], { ...ownFiles, piped: true })
    expect(output).toContain('note: this script came through a pipe')
    expect(output).not.toContain(kept)
    expect(machine.files()).not.toHaveProperty([kept.slice(1)])
  }))
})

test('the script is there again after a boot that took all else', () => onSystemd(async (machine) => {
  const { text, filename } = script.linux
  const apply = () => machine.run(text, ['--apply', '--no-persist'], ownFiles)
  await apply()
  await machine.reboot()
  await machine.connect()
  expect((await apply()).output).toContain(`${filename} --undo`)
  expect(machine.files()).toHaveProperty([`var/lib/tangent-backend/${filename}`])
}))

test('the script stays as long as it has something to undo', () => onPrepMachine(async (machine) => {
  const { text, filename } = script.linux
  const kept = join(machine.folder, 'state', filename)
  const before = await machine.snapshot()
  expect((await machine.run(text, ['--apply'])).output).toContain(`sudo env TANGENT_BACKEND_STATE=${machine.folder}/state sh ${kept} --undo`)
  await machine.ip('addr', 'add', '192.0.2.9/32', 'dev', 'lo')
  await machine.run(text, ['--undo'])
  await machine.ip('addr', 'del', '192.0.2.9/32', 'dev', 'lo')
  expect(await machine.run(null, [join(machine.folder, 'shells/dash'), kept, '--undo'])).toMatchObject({ status: 0, errors: '' })
  expect(await machine.snapshot()).toBe(before)
}))
