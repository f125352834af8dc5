import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentHealthSchema } from '#lib/domain/agent-protocol.ts'
import { farmSchema } from '#lib/domain/farm.ts'
import { backendsOf } from './fixture.ts'
import { startLoneAgent, type LoneAgent } from './lone-agent.ts'
import { createProbeSite, type ProbeSite } from './probe-site.ts'
import { until } from './until.ts'

const names = ['web1', 'web2']
const monitor = { type: 'http', interval: 0.5, timeout: 0.5 } as const
const farms = { symhash: '203.0.113.100', maglev: '203.0.113.101' } as const
let site: ProbeSite
let agent: LoneAgent
beforeAll(async () => {
  site = await createProbeSite(names, [])
  await site.prober.end()
  for (const name of names) await site.prepare(name, Object.values(farms))
  agent = await startLoneAgent(site.topology.lb, site.topology.folder)
})
afterAll(async () => {
  await agent?.end('SIGTERM')
  await site?.remove()
})

test.each(Object.entries(farms))('probes do not count as traffic of a farm with scheduler %s, requests do', async (scheduler, vip) => {
  const { socket } = agent
  await socket.put({ generation: 1, farms: [farmSchema.parse({ name: 'web', vip, ports: ['80'], scheduler, monitor, backends: backendsOf(names) })] })
  await until('every VIP was asked ten times', async () => {
    const { backends } = agentHealthSchema.parse(JSON.parse((await socket.call('GET', '/v1/health?farm=web')).text))
    const probes = backends.flatMap((backend) => backend.probes.filter(({ path }) => path === 'vip'))
    return probes.length === names.length && probes.every(({ results }) => results.filter(({ reason }) => reason === null).length >= 10)
  }, 30_000)
  const before = (await socket.freshStats()).farms.find(({ name }) => name === 'web')
  expect(before).toMatchObject({ packets: 0, connections: 0 })
  const tally = await site.client.request({ url: `http://${vip}/`, count: 50 })
  expect(tally.failures).toEqual([])
  const after = (await socket.freshStats()).farms.find(({ name }) => name === 'web')
  expect(after).toMatchObject({ connections: 50 })
})
