import { expect, test } from 'vitest'
import type { AgentEvents } from '#lib/domain/agent-protocol.ts'
import { db } from '#lib/server/db.ts'
import { collectEvents, forgetOldEvents } from '#lib/server/events.ts'
import { stop } from '#lib/server/stop.ts'
import { healthy, unhealthy } from '#test/unit/domain/samples.ts'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()
const web = '/api/v1/farms/web'

type Told = AgentEvents['events'][number]

/** The n-th event of an agent: the backend fails with the odd ones and comes back with the even ones. */
function told(seq: number, different: Partial<Told> = {}): Told {
  const failed = seq % 2 === 1
  return { seq, at: `2026-11-21T10:00:${String(seq).padStart(2, '0')}.000Z`, farm: 'web', backend: 'web1', from: failed ? 'healthy' : 'unhealthy', to: failed ? 'unhealthy' : 'healthy', reason: failed ? 'No answer.' : 'It answers again.', ...different }
}

async function seen(path = '/api/v1/events'): Promise<string[]> {
  const { body } = await it.api('GET', path, { as: 'read' })
  return (body.items as unknown as Told[]).map(({ at, farm: name, backend, to }) => `${at.slice(17, 19)} ${name}/${backend} ${to}`)
}

test('the status of a farm says what the probes say, and folds it', async () => {
  await it.api('PUT', web, { body: farm() })
  it.agent.health = { web2: unhealthy }
  expect((await it.api('GET', `${web}/status`, { as: 'read' })).body).toMatchObject({ backends: [{ status: 'online', health: healthy }, { status: 'error', health: unhealthy }] })
  await it.api('PUT', web, { body: farm({ monitor: null }), headers: { 'if-match': '*' } })
  expect((await it.api('GET', `${web}/status`)).body).toMatchObject({ status: 'unmonitored', backends: [{ status: 'unmonitored', health: null }, { status: 'unmonitored', health: null }] })
})

test('the health of a farm has the last results of each backend, in the order of its backends, and nothing while the agent is away', async () => {
  await it.api('PUT', web, { body: farm() })
  const probes = [{ path: 'vip' as const, address: '203.0.113.7', port: 80, state: 'unhealthy' as const, detail: 'No answer.', results: [{ at: 1_795_255_200_000, ms: 1000, reason: 'timeout' as const }] }]
  it.agent.probes = { backends: [{ name: 'web2', health: unhealthy, probes }] }
  expect((await it.api('GET', `${web}/health`, { as: 'read' })).body).toEqual({ name: 'web', backends: [{ name: 'web1', health: null, probes: [] }, { name: 'web2', health: unhealthy, probes }] })
  await it.agent.stop()
  expect((await it.api('GET', `${web}/health`)).body).toMatchObject({ backends: [{ health: null }, { health: null, probes: [] }] })
})

test('events are kept once each, newest first, of one backend, one farm or all, page by page', async () => {
  await it.api('PUT', web, { body: farm() })
  it.agent.events.events = [told(1), told(2, { farm: 'dns', backend: 'dns1' }), told(3, { backend: 'web2' })]
  await collectEvents()
  await collectEvents()
  it.agent.events.events.push(told(4))
  await collectEvents()
  expect(await seen()).toEqual(['04 web/web1 healthy', '03 web/web2 unhealthy', '02 dns/dns1 healthy', '01 web/web1 unhealthy'])
  expect(await seen(`${web}/events`)).toEqual(['04 web/web1 healthy', '03 web/web2 unhealthy', '01 web/web1 unhealthy'])
  expect(await seen(`${web}/events?backend=web1`)).toEqual(['04 web/web1 healthy', '01 web/web1 unhealthy'])
  const first = (await it.api('GET', '/api/v1/events?limit=2')).body
  expect(await seen(`/api/v1/events?limit=2&cursor=${String(first.next)}`)).toEqual(['02 dns/dns1 healthy', '01 web/web1 unhealthy'])
  expect(first.items).toMatchObject([{ from: 'unhealthy', to: 'healthy', reason: 'It answers again.' }, {}])
})

test('a console that was restarted goes on where it was, and an agent that was restarted counts anew', async () => {
  it.agent.events.events = [told(1), told(2)]
  await collectEvents()
  await stop()
  it.agent.events.events.push(told(3))
  await collectEvents()
  it.agent.events = { agent: '2026-11-21T10:00:30.000Z', events: [told(1, { at: '2026-11-21T10:00:31.000Z' })] }
  await collectEvents()
  expect((await seen()).map((line) => line.slice(0, 2))).toEqual(['31', '03', '02', '01'])
})

test('events make no revision and no audit entry, and without the agent nothing happens', async () => {
  expect(await seen()).toEqual([])
  const audited = await db().audit.count()
  it.agent.events.events = [told(1)]
  await collectEvents()
  await it.agent.stop()
  await collectEvents()
  expect(await seen()).toHaveLength(1)
  expect([await db().revision.count(), await db().audit.count()]).toEqual([0, audited])
})

test('events older than 30 days are deleted, and the others are kept', async () => {
  const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString()
  it.agent.events.events = [told(1, { at: daysAgo(31) }), told(2, { at: daysAgo(29) })]
  await collectEvents()
  await forgetOldEvents()
  expect(await db().healthEvent.count()).toBe(1)
  await collectEvents()
  expect(await db().healthEvent.count()).toBe(1)
})

test('a farm that does not exist has no health and no events', async () => {
  expect([(await it.api('GET', '/api/v1/farms/none/health')).status, (await it.api('GET', '/api/v1/farms/none/events')).status]).toEqual([404, 404])
})
