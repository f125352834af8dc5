import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { copies, installObstacle, units } from '../../deploy/layout.mjs'

const root = resolve(import.meta.dirname, '../..')
const unit = (name: string) => resolve(root, 'deploy/systemd', name)
const read = (path: string) => readFileSync(resolve(root, path), 'utf8')

describe('systemd units', () => {
  test('both are valid', () => {
    const result = spawnSync('systemd-analyze', ['verify', '--man=no', ...units.map(unit)], { encoding: 'utf8' })
    expect({ status: result.status, errors: result.stderr }).toEqual({ status: 0, errors: '' })
  })

  /** Exposure as systemd counts it, times ten: 0 is a closed box, 100 an ordinary root service. */
  test.each([
    ['tangent-console.service', 20],
    ['tangent-agent.service', 40],
  ])('%s is hardened', (name, threshold) => {
    expect(() => execFileSync('systemd-analyze', ['security', '--offline=yes', `--threshold=${threshold}`, '--no-pager', unit(name)], { stdio: 'pipe' })).not.toThrow()
  })

  test('the console has a user of its own and no capability, and its way to end is a success', () => {
    const lines = readFileSync(unit('tangent-console.service'), 'utf8').split('\n')
    expect(lines).toEqual(expect.arrayContaining(['User=tangent', 'CapabilityBoundingSet=', 'NoNewPrivileges=yes', 'SuccessExitStatus=143']))
  })

  test('the agent has the network capabilities only, keeps nftlb alive when it dies, and never runs beside another nftlb', () => {
    const lines = readFileSync(unit('tangent-agent.service'), 'utf8').split('\n')
    expect(lines).toEqual(expect.arrayContaining(['CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_SYS_PTRACE CAP_SYS_ADMIN CAP_SETPCAP', 'RestrictNamespaces=net', 'KillMode=process', 'Conflicts=nftlb.service']))
  })

  test('both meet at the same socket', () => {
    const sockets = units.map((name) => /TANGENT_SOCKET=(\S+)/.exec(readFileSync(unit(name), 'utf8'))?.[1])
    expect(sockets).toEqual(['/run/tangent/agent.sock', '/run/tangent/agent.sock'])
  })
})

const serviceSchema = z.object({
  build: z.object({ target: z.string() }),
  cap_drop: z.array(z.string()),
  cap_add: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  privileged: z.boolean().default(false),
  read_only: z.boolean(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()),
  healthcheck: z.object({ test: z.array(z.string()) }),
})
const composeSchema = z.object({ services: z.object({ console: serviceSchema, agent: serviceSchema }), volumes: z.record(z.string(), z.null()) })

describe('docker-compose.yml', () => {
  const { services, volumes } = composeSchema.parse(parse(read('docker-compose.yml')))

  test('the console has no capability, a read-only root and port 3000', () => {
    expect(services.console).toMatchObject({ cap_drop: ['ALL'], cap_add: [], privileged: false, read_only: true })
    expect(services.console.network_mode).toBeUndefined()
    expect(services.console.ports).toEqual([expect.stringMatching(/:3000$/)])
  })

  test('the agent works on the network of the host with four capabilities', () => {
    expect(services.agent).toMatchObject({ network_mode: 'host', cap_drop: ['ALL'], cap_add: ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN', 'SETPCAP'], privileged: false })
  })

  test('both share the volume of the socket, and each keeps its state in one of its own', () => {
    expect(services.console.volumes).toEqual(['console-state:/var/lib/tangent', 'socket:/run/tangent'])
    expect(services.agent.volumes).toEqual(['agent-state:/var/lib/tangent-agent', 'socket:/run/tangent'])
    expect(Object.keys(volumes)).toEqual(['console-state', 'agent-state', 'socket'])
  })

  test('the health checks ask what console and agent really answer', () => {
    expect(services.console.healthcheck.test.join(' ')).toContain('/readyz')
    const program = services.agent.healthcheck.test.at(-1)?.split('/').at(-1) ?? ''
    const result = spawnSync(process.execPath, [resolve(root, 'deploy', program)], { env: { ...process.env, TANGENT_SOCKET: '/nowhere/agent.sock' } })
    expect(result.status).toBe(1)
  })

  test('each target is a stage of the Dockerfile', () => {
    const stages = [...read('Dockerfile').matchAll(/^FROM .* AS (\S+)$/gm)].map((match) => match[1])
    expect(stages).toEqual(expect.arrayContaining([services.console.build.target, services.agent.build.target]))
  })
})

describe('install:system', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [resolve(root, 'deploy/install.mjs'), ...args], { encoding: 'utf8' })

  test('says how it is used', () => {
    expect(run('--instal')).toMatchObject({ status: 1, stderr: 'Usage: npm run install:system, or npm run install:system -- --uninstall\n' })
  })

  test.each([
    ['without systemd', { systemd: false, root: true }, 'npm run up'],
    ['without root', { systemd: true, root: false }, 'sudo npm run install:system'],
  ])('%s it says so and what to do', (_, machine, advice) => {
    expect(installObstacle(machine)).toContain(advice)
  })

  test('with both there is no obstacle', () => {
    expect(installObstacle({ systemd: true, root: true })).toBeNull()
  })

  test('installs no file that the build does not make or the project does not have', () => {
    const made = /^(\.next\/standalone\/[\w.]+|dist\/(agent|prober|first-run|token)\.mjs)$/
    for (const [source = ''] of copies) expect(made.test(source) || existsSync(resolve(root, source)), source).toBe(true)
  })
})
