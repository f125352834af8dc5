import { afterAll, beforeAll, expect, test } from 'vitest'
import { backendsOf, openSite, type Site } from './fixture.ts'

let site: Site
const url = 'http://203.0.113.100/'

beforeAll(async () => {
  site = await openSite({ backends: ['web1', 'web2'], ports: [80] })
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], backends: backendsOf(['web1', 'web2']) })
  await site.prepare('web')
  await site.appliance.api.applied()
  await site.answers(url)
})
afterAll(() => site?.remove())

test('edits without the agent are kept, shown as pending, and applied when it is back', async () => {
  const { appliance, client } = site
  const { api } = appliance
  await appliance.agent().end('SIGTERM')

  const change = await api.patchFarm('web', { backends: backendsOf(['web1']) })
  expect(change).toMatchObject({ pending: true, appliedGeneration: null })
  expect(change.faults.map((fault) => fault.code)).toContain('agent-away')
  const away = await api.status()
  expect(away).toMatchObject({ pending: true, agent: { connected: false } })
  expect(away.agent.message).not.toBeNull()
  expect((await api.farmStatus('web')).pending).toBe(true)

  const meanwhile = await client.request({ url, count: 100 })
  expect(meanwhile.failures).toEqual([])
  expect(Object.keys(meanwhile.answered).sort()).toEqual(['web1', 'web2'])

  await appliance.startAgent()
  const back = await api.applied(60_000)
  expect(back).toMatchObject({ generation: change.generation, appliedGeneration: change.generation, pending: false })
  expect(await client.request({ url, count: 100 })).toEqual({ answered: { web1: 100 }, failures: [] })
})

test('a console that was restarted sends what the agent has missed', async () => {
  const { appliance, client } = site
  const { api } = appliance
  await appliance.agent().end('SIGTERM')
  await api.patchFarm('web', { backends: backendsOf(['web1', 'web2']) })
  await appliance.console().end('SIGKILL')
  await appliance.startConsole()
  await appliance.startAgent()
  await api.applied(60_000)
  const tally = await client.request({ url, count: 100 })
  expect(tally.failures).toEqual([])
  expect(Object.keys(tally.answered).sort()).toEqual(['web1', 'web2'])
})
