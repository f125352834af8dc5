import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFarm } from '#lib/domain/check.ts'
import type { Desired } from '#lib/domain/desired.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { backendsOf } from './fixture.ts'
import { farmsInKernel } from './kernel.ts'
import { labPrefix } from './lab.ts'
import { startLoneAgent, type LoneAgent } from './lone-agent.ts'
import { createTopology, type Topology } from './topology.ts'

const farms = 50
const kills = 25
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

function document(generation: number, backends: number): Desired {
  return { generation, farms: Array.from({ length: farms }, (_, index) => farm(index, backends)) }
}

function farm(index: number, backends: number): Farm {
  const result = checkFarm({ name: `farm-${index}`, vip: `203.0.113.${100 + index}`, ports: ['80'], scheduler: 'symhash', monitor: null, backends: backendsOf(names.slice(0, backends)) }, { others: [], interfaces: null })
  if (result.problems.length > 0 || !result.farm) throw new Error(JSON.stringify(result.problems))
  return result.farm
}

const backendsAt = (generation: number): number => 2 + (generation % 2)

test(`the agent killed at ${kills} random moments of an apply of ${farms} farms leaves every farm whole, and ends at what is wanted`, async () => {
  await agent.socket.put(document(2, backendsAt(2)))
  expect(await agent.applied()).toBe(2)
  const start = performance.now()
  await agent.socket.put(document(3, backendsAt(3)))
  expect(await agent.applied()).toBe(3)
  const passMs = performance.now() - start

  for (let generation = 4; generation < 4 + kills; generation += 1) {
    const killAt = Math.random() * passMs
    const moment = `killed ${Math.round(killAt)} ms into generation ${generation} (a pass takes ${Math.round(passMs)} ms)`
    const answer = agent.socket.put(document(generation, backendsAt(generation))).catch(() => null)
    await wait(killAt)
    await agent.end('SIGKILL')
    await answer
    const left = await farmsInKernel(topology.lb)
    expect(left.size, moment).toBe(farms)
    expect([...left].filter(([, slots]) => slots !== 2 && slots !== 3), moment).toEqual([])

    await agent.start()
    const stored = await agent.applied()
    expect([generation - 1, generation], moment).toContain(stored)
    const after = await farmsInKernel(topology.lb)
    expect([...after].filter(([, slots]) => slots !== backendsAt(stored)), moment).toEqual([])
    expect(after.size, moment).toBe(farms)
    await agent.socket.put(document(generation, backendsAt(generation)))
    expect(await agent.applied(), moment).toBe(generation)
  }
}, 300_000)
