import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { startListener } from './prep-listener.ts'
import { createPrepMachine, type PrepMachine } from './prep-machine.ts'
import type { Result } from './prep-run.ts'
import { linuxScript, scriptFor, type Wanted } from './prep-script.ts'

let machine: PrepMachine
beforeEach(async () => {
  machine = await createPrepMachine()
  await startListener(machine.namespace, '::', 80)
})
afterEach(() => machine.remove())

type Playbook = { text: string; play: (mode: 'apply' | 'check' | 'undo') => Promise<Result> }

/** The playbook in the folder of the machine, and its commands, run on the machine itself, which is root already. */
function playbook(wanted: Wanted): Playbook {
  const { text, filename, commands } = scriptFor('ansible', wanted)
  const file = join(machine.folder, filename)
  writeFileSync(file, text)
  const environment = [`HOME=${machine.folder}`, `ANSIBLE_REMOTE_TEMP=${machine.folder}`, 'ANSIBLE_NOCOLOR=1']
  const play: Playbook['play'] = (mode) => machine.run(null, ['env', ...environment, 'sh', '-c', `${commands[mode].replace(filename, file)} -e ansible_connection=local`])
  return { text, play }
}

test('the Ansible playbook changes a machine once, says what is wrong, and takes everything back once', async () => {
  const wanted = { vips: ['10.9.0.100', '10.9.0.101'] }
  const { play } = playbook(wanted)
  const before = await machine.snapshot()
  expect(await play('check')).toMatchObject({ status: 2, output: expect.stringContaining('FAIL  10.9.0.100 is not on lo') })

  expect(await play('apply')).toMatchObject({ status: 0, output: expect.stringMatching(/changed=1 .*failed=0/) })
  const applied = await machine.snapshot()
  expect((await machine.run(linuxScript(wanted), ['--check'])).status).toBe(0)
  expect(await play('apply')).toMatchObject({ status: 0, output: expect.stringMatching(/changed=0 .*failed=0/) })
  expect(await machine.snapshot()).toBe(applied)

  expect(await play('undo')).toMatchObject({ status: 0, output: expect.stringMatching(/changed=1 .*failed=0/) })
  expect(await machine.snapshot()).toBe(before)
  expect(await play('undo')).toMatchObject({ status: 0, output: expect.stringMatching(/changed=0 .*failed=0/) })
})

test('the Ansible playbook finds a backend by its IPv6 address', async () => {
  const { play } = playbook({ vips: ['fd09::100'] })
  expect(await play('apply')).toMatchObject({ status: 0, output: expect.stringMatching(/fd09::21 .*changed=1 .*failed=0/) })
  expect(await machine.ip('-6', 'addr', 'show', 'dev', 'lo')).toContain('fd09::100/128')
})

const cloudConfig = z.strictObject({
  write_files: z.tuple([z.strictObject({ path: z.string(), owner: z.literal('root:root'), permissions: z.string(), content: z.string() })]),
  runcmd: z.array(z.array(z.string())),
})

test.each([['IPv4', ['10.9.0.100', '10.9.0.101']], ['IPv6', ['fd09::100', 'fd09::101']]])('cloud-init prepares a machine at its first boot, and its commands check it and take everything back: %s', async (_, vips) => {
  const { text, commands } = scriptFor('cloud-init', { vips })
  const { write_files: [file], runcmd } = cloudConfig.parse(parse(text))
  mkdirSync(join(machine.folder, 'run/systemd/system'), { recursive: true })
  const [before, disk] = [await machine.snapshot(), machine.files()]
  const run = (argv: string[]) => machine.run(null, argv, { ownFiles: true })

  // What cloud-init does with write_files, on the disk of the machine.
  writeFileSync(join(machine.folder, file.path.replace(/^\/usr\/local\//, 'local/')), file.content, { mode: Number.parseInt(file.permissions, 8) })
  for (const argv of runcmd) expect(await run(argv)).toMatchObject({ status: 0, errors: '' })

  for (const command of [commands.check, commands.undo]) expect(await run(['sh', '-c', command.replaceAll('sudo ', '')])).toMatchObject({ status: 0, errors: '' })
  expect(await machine.snapshot()).toBe(before)
  expect(machine.files()).toEqual(disk)
})
