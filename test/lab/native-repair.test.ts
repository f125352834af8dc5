import { rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rolesOf } from '#lib/domain/active.ts'
import { farmSchema, withDefaults, type FarmInput } from '#lib/domain/farm.ts'
import { renderFarm, type NftlbFarm } from '#lib/render/nftlb.ts'
import { command, inside } from './command.ts'
import { startEngine, type LoneEngine } from './conformance-engine.ts'
import { backendsOf } from './fixture.ts'
import { labPrefix } from './lab.ts'
import { nativeFarms, type NativeFarm } from './native-kernel.ts'
import { createTopology, type Topology } from './topology.ts'
import { until } from './until.ts'

const names = ['web1', 'web2', 'web3']
const size = 4093
const nothing = { mismatches: [], rejected: [] }

let topology: Topology
let engine: LoneEngine

beforeEach(async () => {
  topology = await createTopology({ prefix: labPrefix(), backends: names })
  engine = await startEngine(topology, topology.lb, 'native')
})
afterEach(() => topology?.remove())

/** A farm; backends named in `draining` rest. */
function farm(changes: Partial<FarmInput> = {}, draining: readonly string[] = [], iface = 'eth0'): NftlbFarm {
  const backends = backendsOf(names).map((backend) => ({ ...backend, adminState: draining.includes(backend.name) ? ('draining' as const) : ('enabled' as const) }))
  const wanted = farmSchema.parse(withDefaults({ name: 'web', vip: '203.0.113.100', ports: ['80'], backends, ...changes }))
  const macs = new Map(topology.backends.map(({ name, nic }) => [name, nic.mac]))
  return renderFarm(wanted, { interface: { name: iface, mac: topology.lb.nic.mac }, roles: rolesOf(wanted, () => true), macs })
}

const onMachine = (...argv: string[]): Promise<string> => command(inside(topology.lb.namespace, argv))
const ruleset = (): Promise<string> => onMachine('nft', 'list', 'table', 'netdev', 'tangent')
/** What is in force now, after a look: nothing may differ. */
const soundly = async (): Promise<void> => expect(await engine.ask({ do: 'verify' })).toEqual(nothing)

async function web(name = 'web'): Promise<NativeFarm> {
  const found = (await nativeFarms(topology.lb)).get(name)
  if (!found) throw new Error(`The kernel has no farm ${name}.`)
  return found
}

/** Ends the engine and starts another one with these farms. */
async function restart(farms: NftlbFarm[]): Promise<void> {
  await engine.ask({ do: 'stop' })
  engine = await startEngine(topology, topology.lb, 'native')
  expect(await engine.ask({ do: 'start', farms })).toEqual(nothing)
}

test.each([
  [4093, 65537],
  [65537, 4093],
] as const)('a farm that had %i slots and is wanted with %i when the engine starts has every slot', async (before, after) => {
  await engine.ask({ do: 'start', farms: [farm({ slots: before })] })
  await restart([farm({ slots: after })])
  expect((await web()).slots.size).toBe(after)
  expect(await ruleset()).toContain(`mod ${after} `)
  await soundly()
})

test('of a handover of a TCP farm nothing is left when the engine starts with the farm for UDP, and the next handover is whole', async () => {
  await engine.ask({ do: 'start', farms: [farm()] })
  await engine.ask({ do: 'change', farms: [farm({}, ['web1'])] })
  await restart([farm({ protocol: 'udp' })])
  expect(await ruleset()).not.toMatch(/f_web-(before|after|young)/)
  await engine.ask({ do: 'change', farms: [farm()] })
  expect(await engine.ask({ do: 'change', farms: [farm({}, ['web2'])] })).toEqual(nothing)
  const { slots, before, after } = await web()
  expect([slots.size + before.size, after.size]).toEqual([size, before.size])
  await soundly()
})

test('a farm that has another interface when the engine starts leaves the handover of others alone', async () => {
  await onMachine('ip', 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'eth2')
  const mail = (draining: string[] = []): NftlbFarm => farm({ name: 'mail', vip: '203.0.113.101' }, draining)
  await engine.ask({ do: 'start', farms: [farm(), mail()] })
  await engine.ask({ do: 'change', farms: [farm(), mail(['web1'])] })
  const { before } = await web('mail')
  expect(before.size).toBeGreaterThan(0)
  await restart([farm({}, [], 'eth1'), mail(['web1'])])
  expect((await web('mail')).before).toEqual(before)
  await soundly()
})

test('a handover goes on after all rules of the table were flushed by hand', async () => {
  await engine.ask({ do: 'start', farms: [farm()] })
  await engine.ask({ do: 'change', farms: [farm({}, ['web1'])] })
  const { before } = await web()
  await onMachine('nft', 'flush table netdev tangent')
  expect(await engine.ask({ do: 'start', farms: [farm({}, ['web1'])] })).toEqual(nothing)
  expect((await web()).before).toEqual(before)
  await soundly()
  expect(await engine.ask({ do: 'change', farms: [farm({}, ['web1', 'web2'])] })).toEqual(nothing)
  await soundly()
})

test('old owners that are deleted by hand in a handover are missed and come back, and the handover ends', async () => {
  const wanted = farm({ handoverPeriod: 2 }, ['web1'])
  await engine.ask({ do: 'start', farms: [farm({ handoverPeriod: 2 })] })
  await engine.ask({ do: 'change', farms: [wanted] })
  await onMachine('nft', 'flush set netdev tangent older')
  expect((await until('the loss is heard of', async () => {
    const { mismatches } = await engine.ask({ do: 'verify' })
    return mismatches.length > 0 ? mismatches : null
  })).join()).toContain('older')
  await engine.ask({ do: 'start', farms: [wanted] })
  await until('the handover is over', async () => (await engine.ask({ do: 'verify' })).mismatches.length === 0 && (await web()).before.size === 0)
})

test('a range of ports that grows into what another farm gives away at the same time is taken by repair, and a third farm keeps its handover', async () => {
  const farms = (one: string, other: string, draining: string[] = ['web1']): NftlbFarm[] => [
    farm({ name: 'web', ports: [one] }),
    farm({ name: 'mail', ports: [other] }),
    farm({ name: 'dns', vip: '203.0.113.101' }, draining),
  ]
  await engine.ask({ do: 'start', farms: farms('8000-8010', '8011-8020', []) })
  await engine.ask({ do: 'change', farms: farms('8000-8010', '8011-8020') })
  const { before } = await web('dns')
  await expect(engine.ask({ do: 'change', farms: farms('8000-8015', '8016-8020') })).rejects.toThrow('File exists')
  expect(await engine.ask({ do: 'start', farms: farms('8000-8015', '8016-8020') })).toEqual(nothing)
  const ranges = await onMachine('nft', 'list', 'map', 'netdev', 'tangent', 'ranges4')
  expect([...ranges.matchAll(/\. (\S+) : goto (\w+)/g)].map(([, ports, target]) => `${ports} ${target}`).sort()).toEqual(['8000-8015 f_web', '8016-8020 f_mail'])
  expect((await web('dns')).before).toEqual(before)
  await soundly()
})

test('a repair that finds no room on the disk leaves the table as it is, and the next one succeeds', async () => {
  const folder = join(topology.folder, 'engine-native')
  const farms = [farm(), farm({ name: 'mail', vip: '203.0.113.101' })]
  await engine.ask({ do: 'stop' })
  await command(['mount', '-t', 'tmpfs', '-o', 'size=16m', 'none', folder])
  try {
    engine = await startEngine(topology, topology.lb, 'native')
    await engine.ask({ do: 'start', farms })
    const before = await ruleset()
    await fillDisk(folder)
    await expect(engine.ask({ do: 'start', farms })).rejects.toThrow('ENOSPC')
    expect(await ruleset()).toBe(before)
    await rm(join(folder, 'rest'))
    expect(await engine.ask({ do: 'start', farms })).toEqual(nothing)
    await soundly()
    await engine.ask({ do: 'stop' })
  } finally {
    await command(['umount', '-l', folder])
  }
})

/** Leaves 4 kB: room for a short script, not for a farm. */
async function fillDisk(folder: string): Promise<void> {
  await rm(join(folder, 'native.nft'))
  const { bavail, bsize } = await statfs(folder)
  await writeFile(join(folder, 'rest'), Buffer.alloc(bavail * bsize - 4096))
}
