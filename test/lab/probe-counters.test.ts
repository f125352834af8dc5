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

test('probes do not count as traffic of a farm of either engine, requests do', async () => {
  const { socket } = agent
  await socket.put({ generation: 1, farms: Object.entries(farms).map(([scheduler, vip]) => farmSchema.parse({ name: scheduler, vip, ports: ['80'], scheduler, monitor, backends: backendsOf(names) })) })
  for (const name of Object.keys(farms)) {
    await until(`every VIP of ${name} was asked ten times`, async () => {
      const { backends } = agentHealthSchema.parse(JSON.parse((await socket.call('GET', `/v1/health?farm=${name}`)).text))
      const probes = backends.flatMap((backend) => backend.probes.filter(({ path }) => path === 'vip'))
      return probes.length === names.length && probes.every(({ results }) => results.filter(({ reason }) => reason === null).length >= 10)
    }, 30_000)
  }
  const before = await socket.freshStats()
  for (const [name, vip] of Object.entries(farms)) {
    expect(before.farms.find((farm) => farm.name === name)).toMatchObject({ packets: 0, connections: 0 })
    expect((await site.client.request({ url: `http://${vip}/`, count: 50 })).failures).toEqual([])
  }
  const after = await socket.freshStats()
  for (const name of Object.keys(farms)) expect(after.farms.find((farm) => farm.name === name)).toMatchObject({ connections: 50 })
})

test('an agent that ends takes its probes along, and all that they needed', async () => {
  const devices = (): Promise<string> => site.topology.run(site.topology.lb, ['ip', '-br', 'link'])
  const tables = (): Promise<string> => site.topology.run(site.topology.lb, ['nft', 'list', 'tables'])
  expect(await devices()).toContain('tgprobe')
  expect(await tables()).toContain('tangent-probes')
  await agent.end('SIGTERM')
  expect(await devices()).not.toContain('tgprobe')
  expect(await tables()).not.toContain('tangent-probes')
})
