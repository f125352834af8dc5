import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { onPrepMachine, type PrepMachine } from './prep-machine.ts'
import type { Result, RunOptions, Shell } from './prep-run.ts'
import { linuxScript } from './prep-script.ts'
import { until } from './until.ts'

const texts = {
  first: linuxScript({ vips: ['10.9.0.100', '10.9.0.101'] }),
  second: linuxScript({ vips: ['10.9.0.100', '10.9.0.102'], address: '10.9.0.22' }),
  six: linuxScript({ vips: ['fd09::100'] }),
}

/** Each script is a file of its own, so that all of them can run at once. */
function runner({ folder, run }: PrepMachine, shell: Shell) {
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text)
  const interpreter = [join(folder, 'shells', shell), ...(shell === 'busybox' ? ['sh'] : [])]
  return (name: string, mode: string, options: RunOptions = { ownFiles: true }): Promise<Result> => run(null, [...interpreter, join(folder, name), mode], options)
}

test.each(['dash', 'bash', 'busybox'] as const)('scripts that run at the same time wait for each other: %s', (shell) => onPrepMachine(async (machine) => {
  mkdirSync(join(machine.folder, 'run/systemd/system'), { recursive: true })
  const [before, files] = [await machine.snapshot(), machine.files()]
  const run = runner(machine, shell)
  const all = async (mode: string): Promise<void> => {
    const results = await Promise.all(['first', 'second', 'first', 'six', 'second', 'first'].map((name) => run(name, mode)))
    expect(results.map(({ status, errors }) => ({ status, errors }))).toEqual(results.map(() => ({ status: 0, errors: '' })))
  }
  await all('--apply')
  const applied = await machine.files()
  for (const name of Object.keys(texts)) expect((await run(name, '--apply')).output).not.toMatch(/^(done|saved):/m)
  expect(machine.files()).toEqual(applied)
  await all('--undo')
  expect(await machine.snapshot()).toBe(before)
  expect(machine.files()).toEqual(files)
}))

describe.concurrent('the lock of the state folder', () => {
  const holder = async (machine: PrepMachine): Promise<ChildProcess> => {
    const child = spawn('sleep', ['infinity'])
    await once(child, 'spawn')
    const start = readFileSync(`/proc/${child.pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ')[19]
    mkdirSync(join(machine.folder, 'state'), { recursive: true })
    symlinkSync(`${child.pid}-${start}`, join(machine.folder, 'state/lock'))
    return child
  }

  /** Another sleep for the script, which writes down how long it was asked for. Answers how to read that. */
  const sleeper = ({ folder }: PrepMachine, then: string): (() => string[]) => {
    const [program, slept] = [join(folder, 'tools/sleep'), join(folder, 'slept')]
    rmSync(program)
    writeFileSync(program, `#!/bin/sh\necho "$1" >>${slept}\n${then}\n`, { mode: 0o755 })
    return () => (existsSync(slept) ? readFileSync(slept, 'utf8').trim().split('\n') : [])
  }

  test('is waited for while the process that has it lives, and taken from one that was killed', () => onPrepMachine(async (machine) => {
    const slept = sleeper(machine, `exec ${machine.folder}/shells/sleep 0.05`)
    const child = await holder(machine)
    const running = runner(machine, 'dash')('first', '--apply', { tools: 'busybox' })
    await until('the script waits', () => slept().length > 2)
    expect(existsSync(join(machine.folder, 'state/sysctl'))).toBe(false)
    child.kill('SIGKILL')
    expect(await running).toMatchObject({ status: 0, errors: '', output: expect.stringContaining('another preparation script is at work') })
    expect(existsSync(join(machine.folder, 'state/lock'))).toBe(false)
  }))

  test('that nobody gives back is a reason to refuse, after a minute', () => onPrepMachine(async (machine) => {
    const slept = sleeper(machine, '')
    const child = await holder(machine)
    const before = await machine.snapshot()
    expect(await runner(machine, 'dash')('first', '--apply', { tools: 'busybox' })).toMatchObject({ status: 3, errors: expect.stringContaining(`process ${child.pid}`) })
    expect(await machine.snapshot()).toBe(before)
    expect(slept()).toEqual(Array(60).fill('1'))
    expect(readlinkSync(join(machine.folder, 'state/lock'))).toContain(`${child.pid}-`)
    child.kill('SIGKILL')
  }))
})
