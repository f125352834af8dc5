import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFarm } from '#lib/domain/check.ts'
import type { Desired } from '#lib/domain/desired.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { command, inside } from './command.ts'
import { backendsOf } from './fixture.ts'
import { labPrefix } from './lab.ts'
import { nativeFarms, type NativeFarm } from './native-kernel.ts'
import { startLoneAgent, type LoneAgent } from './lone-agent.ts'
import { createTopology, type Topology } from './topology.ts'

const farms = 6
const kills = 8
const size = 4093
const names = ['web1', 'web2', 'web3']

let topology: Topology
let agent: LoneAgent

beforeAll(async () => {
  topology = await createTopology({ prefix: labPrefix(), backends: names })
  agent = await startLoneAgent(topology.lb, topology.folder)
})
afterAll(async () => {
  await agent?.end('SIGTERM')
  await topology?.remove()
})

/** Every generation drains another backend in all farms, so that every farm has a handover. */
function document(generation: number): Desired {
  return { generation, farms: Array.from({ length: farms }, (_, index) => farm(index, generation)) }
}

function farm(index: number, generation: number): Farm {
  const backends = backendsOf(names).map((backend, position) => ({ ...backend, adminState: position === generation % names.length ? 'draining' : 'enabled' }))
  const result = checkFarm({ name: `farm-${index}`, vip: `203.0.113.${100 + index}`, ports: ['80', '8000-8010'], monitor: null, backends }, { others: [], interfaces: null })
  if (!result.farm) throw new Error(JSON.stringify(result.problems))
  return result.farm
}

/** What is wrong with a farm as packets would meet it; empty when every slot has an owner who is there. */
function holes(kernel: Map<string, NativeFarm>): string[] {
  if (kernel.size !== farms) return [`${kernel.size} farms`]
  return [...kernel].flatMap(([name, { slots, before, after, reachable, ownersAlive }]) => {
    const handed = [...before.keys()].every((slot) => after.has(slot) && !slots.has(slot)) && before.size === after.size
    return reachable && ownersAlive && handed && slots.size + before.size === size ? [] : [`${name}: ${slots.size} slots, ${before.size} before, ${after.size} after, reachable ${reachable}, owners there ${ownersAlive}`]
  })
}

test(`the agent killed at ${kills} random moments of a change of ${farms} farms leaves every slot of every farm with an owner, and ends at what is wanted`, async () => {
  await agent.socket.put(document(1))
  expect(await agent.applied()).toBe(1)
  const start = performance.now()
  await agent.socket.put(document(2))
  expect(await agent.applied()).toBe(2)
  const passMs = performance.now() - start
  for (let generation = 3; generation < 3 + kills; generation += 1) {
    const killAt = Math.random() * passMs
    const moment = `killed ${Math.round(killAt)} ms into generation ${generation} (a pass takes ${Math.round(passMs)} ms)`
    const answer = agent.socket.put(document(generation)).catch(() => null)
    await wait(killAt)
    await agent.end('SIGKILL')
    await answer
    expect(holes(await nativeFarms(topology.lb)), moment).toEqual([])
    await agent.start()
    expect([generation - 1, generation], moment).toContain(await agent.applied())
    await agent.socket.put(document(generation))
    expect(await agent.applied(), moment).toBe(generation)
    expect(holes(await nativeFarms(topology.lb)), moment).toEqual([])
  }
}, 240_000)

test('a table that somebody else made is not touched', async () => {
  const foreign = () => command(inside(topology.lb.namespace, ['sh', '-c', 'nft list table inet mine; nft list table netdev mine']))
  await command(inside(topology.lb.namespace, ['nft', 'add table inet mine; add chain inet mine c { type filter hook input priority 0; }; add rule inet mine c counter; add table netdev mine; add set netdev mine s { type ipv4_addr; elements = { 192.0.2.1 }; }']))
  const before = await foreign()
  await agent.socket.put(document(100))
  await agent.end('SIGKILL')
  await command(inside(topology.lb.namespace, ['nft', 'delete', 'table', 'netdev', 'tangent']))
  await agent.start()
  expect(await agent.applied()).toBe(100)
  expect(holes(await nativeFarms(topology.lb))).toEqual([])
  expect((await foreign()).replace(/counter packets \d+ bytes \d+/, '')).toBe(before.replace(/counter packets \d+ bytes \d+/, ''))
})
