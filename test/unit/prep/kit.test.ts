import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { farmKit, kitSystems, type KitMachine } from '#lib/prep/kit.ts'
import { prepSystems, type PrepFarm, type PrepSystem } from '#lib/prep/prep.ts'
import { generate } from './golden.ts'

const web: PrepFarm = { name: 'web', vip: '10.9.0.100', additionalVips: [], protocol: 'tcp', ports: ['80'], mode: 'dsr', delivery: 'l2' }

function machine(name: string, address: string, system: PrepSystem): KitMachine {
  const backend = { name, address }
  const scripts = kitSystems(system).map((each) => {
    const script = generate({ system: each, backend, farms: [web], appliances: [] })
    return { ...script, sha256: createHash('sha256').update(script.text).digest('hex') }
  })
  return { backend, scripts }
}

/** One backend for each system. */
const machines = prepSystems.map((system, index) => machine(`web${index}`, `10.9.0.${21 + index}`, system))
const kit = farmKit(web, machines)
const readme = kit.find(({ name }) => name === 'README.txt')?.text ?? ''

describe('on a disk', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kit-'))
    for (const { name, text } of kit) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const sums = (): string => execFileSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })

  test('sha256sum finds every script as it was', () => {
    expect(sums().trim().split('\n')).toEqual(machines.flatMap(({ backend, scripts }) => scripts.map(({ filename }) => `${backend.name}/${filename}: OK`)))
  })

  test('sha256sum finds a script that is another one', () => {
    writeFileSync(join(folder, 'web0/tangent-backend-10-9-0-21.sh'), '#!/bin/sh\n')
    expect(sums).toThrow('1 computed checksum did NOT match')
  })
})

test('the files are README.txt, SHA256SUMS, and those of each machine in its folder', () => {
  expect(kit.map(({ name }) => name)).toEqual(['README.txt', 'SHA256SUMS', ...machines.flatMap(({ backend, scripts }) => scripts.map(({ filename }) => `${backend.name}/${filename}`))])
})

test.each(machines)('README.txt has the address, the commands and the sums of $backend.name', ({ backend, scripts: [first, ...others] }) => {
  const part = readme.slice(readme.indexOf(`${backend.name}: backend ${backend.name}, ${backend.address}\n`)).split('\n\n')[0] ?? ''
  for (const command of Object.values(first?.commands ?? {})) expect(part).toContain(command)
  for (const script of [first, ...others]) expect(part).toContain(`${script?.filename} (${script?.system}`)
  for (const script of [first, ...others]) expect(part).toContain(`SHA-256  ${script?.sha256}\n`.trimEnd())
})

test('what has no check of its own brings the script that has one', () => {
  expect(kitSystems('netplan')).toEqual(['netplan', 'linux'])
  expect(kitSystems('linux-redirect')).toEqual(['linux-redirect'])
  expect(kitSystems('freebsd')).toEqual(['freebsd'])
})

test.each(['../web', '..', '', 'web/1', 'web 1', 'CON:', 'a\nb'])('the name %j becomes no file', (name) => {
  const named = { ...machine('web1', '10.9.0.21', 'linux'), backend: { name, address: '10.9.0.21' } }
  expect(() => farmKit(web, [named])).toThrow('unsafe name')
  expect(() => farmKit({ name }, [])).toThrow('unsafe name')
})
