import { beforeEach, describe, expect, test } from 'vitest'
import { farmSchema } from '#lib/domain/farm.ts'
import { db } from '#lib/server/db.ts'
import { env } from '#lib/server/env.ts'
import { backendColumns, farmColumns } from '#lib/server/farm-rows.ts'
import { forgetOldPreparation } from '#lib/server/prep-machines.ts'
import { singleton } from '#lib/server/singleton.ts'
import { stop } from '#lib/server/stop.ts'
import { PrismaClient } from '#prisma/generated/client.ts'
import { sqliteAdapter } from '#prisma/sqlite-adapter.ts'
import { report } from '#test/unit/prep/sample-report.ts'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'
import { prepAudit } from './prep-audit.ts'

const it = testConsole()
const web = '/api/v1/farms/web'
const shop = '/api/v1/farms/shop'
const prep = `${web}/backends/web1/prep`
const anyVersion = { 'if-match': '*' }

beforeEach(async () => {
  await it.api('PUT', web, { body: farm() })
})

async function stateOf(path = prep): Promise<Record<string, unknown>> {
  const { status, body } = await it.api('GET', `${path}/state`, { as: 'read' })
  expect(status).toBe(200)
  return body
}

async function changes(path = prep): Promise<unknown> {
  const { status, verification } = (await stateOf(path)) as { status: string; verification: { changes: string[] } }
  return [status, ...verification.changes]
}

describe('the state of a machine', () => {
  test('begins with nothing known', async () => {
    expect(await stateOf()).toEqual({ backend: 'web1', address: '203.0.113.21', farms: ['web'], system: 'linux', status: 'never-checked', reason: null, verification: null })
  })

  test('is not needed in another mode, with the reason', async () => {
    await it.api('POST', `${prep}/report`, { body: report() })
    await it.api('PATCH', web, { body: { mode: 'dnat', scheduler: 'symhash' }, headers: anyVersion })
    expect(await stateOf()).toMatchObject({ farms: [], status: 'not-needed', reason: expect.stringContaining('default gateway'), verification: null })
  })

  test('is one for all farms that it serves, under the name that each has for it', async () => {
    await it.api('PUT', shop, { body: farm({ name: 'shop', ports: ['443'], backends: [{ name: 'shop1', address: '203.0.113.21' }] }) })
    await it.api('PUT', `${prep}/system`, { body: { system: 'ansible' } })
    await it.api('POST', `${prep}/report`, { body: report({ services: ['203.0.113.7/tcp/80', '203.0.113.7/tcp/443'] }) })
    const mine = await stateOf()
    expect(mine).toMatchObject({ backend: 'web1', farms: ['shop', 'web'], system: 'ansible', status: 'verified' })
    expect(await stateOf(`${shop}/backends/shop1/prep`)).toEqual({ ...mine, backend: 'shop1' })
    expect(await stateOf(`${web}/backends/web2/prep`)).toMatchObject({ system: 'linux', status: 'never-checked' })
    expect((await prepAudit(it)).map(({ target }) => target)).toEqual(['web/web1', 'web/web1'])
  })

  test('counts disabled farms and backends in: they are prepared before they are enabled', async () => {
    await it.api('PATCH', web, { body: { adminState: 'disabled' }, headers: anyVersion })
    await it.api('PUT', `${web}/backends/web1/admin-state`, { body: { adminState: 'disabled' }, headers: anyVersion })
    await it.api('POST', `${prep}/report`, { body: report() })
    expect(await stateOf()).toMatchObject({ farms: ['web'], status: 'verified' })
  })

  test('of what does not exist is 404', async () => {
    for (const path of [`${web}/backends/none`, '/api/v1/farms/none/backends/web1']) expect((await it.api('GET', `${path}/prep/state`)).status).toBe(404)
  })
})

describe('a check is stale when the farms changed since, and says what changed:', () => {
  beforeEach(async () => {
    await it.api('POST', `${prep}/report`, { body: report() })
    expect(await changes()).toEqual(['verified'])
  })

  test('a VIP came', async () => {
    await it.api('PATCH', web, { body: { additionalVips: ['203.0.113.8'] }, headers: anyVersion })
    expect(await changes()).toEqual(['stale', 'VIP 203.0.113.8 was added.'])
  })

  test('a farm came, and went', async () => {
    await it.api('PUT', shop, { body: farm({ name: 'shop', vip: '203.0.113.8', backends: [{ name: 'shop1', address: '203.0.113.21' }] }) })
    expect(await changes()).toEqual(['stale', 'VIP 203.0.113.8 was added.'])
    await it.api('DELETE', shop, { headers: anyVersion })
    expect(await changes()).toEqual(['verified'])
  })

  test('a VIP went', async () => {
    await it.api('PUT', web, { body: farm({ vip: '203.0.113.9' }), headers: anyVersion })
    expect(await changes()).toEqual(['stale', 'VIP 203.0.113.9 was added.', 'VIP 203.0.113.7 was removed.'])
  })

  test('a port came', async () => {
    await it.api('PATCH', web, { body: { ports: ['80', '443'] }, headers: anyVersion })
    expect(await changes()).toEqual(['stale', 'Service 203.0.113.7/tcp/80,443 was added.', 'Service 203.0.113.7/tcp/80 was removed.'])
  })

  test('another way of preparing was chosen, unless the same script checks it', async () => {
    await it.api('PUT', `${prep}/system`, { body: { system: 'netplan' } })
    expect(await changes()).toEqual(['verified'])
    await it.api('PUT', `${prep}/system`, { body: { system: 'linux-redirect' } })
    expect(await changes()).toEqual(['stale', 'Linux without VIP (REDIRECT) was chosen.'])
  })

  test('a way that nothing can report on was chosen: no other check says anything of it, until that is taken back', async () => {
    await it.api('PUT', `${prep}/system`, { body: { system: 'freebsd' } })
    expect(await stateOf()).toMatchObject({ status: 'never-checked', verification: null })
    await it.api('PUT', `${prep}/system`, { body: { system: 'linux' } })
    expect(await changes()).toEqual(['verified'])
  })

  test('what no script looks at leaves it as it is', async () => {
    await it.api('PATCH', web, { body: { scheduler: 'symhash', persistenceTtl: 90 }, headers: anyVersion })
    await it.api('PATCH', `${web}/backends/web1`, { body: { weight: 5 }, headers: anyVersion })
    expect(await changes()).toEqual(['verified'])
  })
})

describe('the system', () => {
  test('is remembered by whoever may operate, makes no revision, and is audited when it changes', async () => {
    const body = { system: 'windows-cmd' }
    expect((await it.api('PUT', `${prep}/system`, { as: 'read', body })).status).toBe(403)
    for (let times = 0; times < 2; times++) expect((await it.api('PUT', `${prep}/system`, { as: 'operate', body })).body).toMatchObject({ backend: 'web1', system: 'windows-cmd' })
    expect((await it.api('GET', '/api/v1/revisions')).body.items).toHaveLength(1)
    expect(await prepAudit(it)).toEqual([
      expect.objectContaining({ actor: 'token:operate', action: 'prep.system', target: 'web/web1', generation: null, before: null, after: { address: '203.0.113.21', system: 'windows-cmd' } }),
    ])
    await it.api('PUT', `${prep}/system`, { body: { system: 'linux' } })
    expect(await prepAudit(it)).toMatchObject([{ before: { address: '203.0.113.21', system: 'windows-cmd' }, after: { system: 'linux' } }, {}])
  })

  test('that there is none of is refused, and so is anything else than one', async () => {
    expect((await it.api('PUT', `${prep}/system`, { body: { system: 'beos', more: 1 } })).body.errors).toMatchObject([{ pointer: '/system', code: 'value-invalid' }, { code: 'unknown-key' }])
    expect((await it.api('PUT', `${prep}/system`, { body: 'linux' })).status).toBe(400)
    expect((await it.api('PUT', `${prep}/system`)).status).toBe(415)
    expect((await it.api('PUT', `${web}/backends/none/prep/system`, { body: { system: 'linux' } })).status).toBe(404)
  })
})

describe('the states of a farm', () => {
  const states = () => it.api('GET', `${web}/prep`, { as: 'read', headers: { accept: 'application/json' } })

  test('are those of its backends, in their order', async () => {
    await it.api('POST', `${web}/backends/web2/prep/report`, { body: report({ backend: '203.0.113.22' }) })
    expect((await states()).body).toEqual({ items: [await stateOf(), await stateOf(`${web}/backends/web2/prep`)] })
    expect((await states()).body.items).toMatchObject([{ status: 'never-checked' }, { status: 'verified' }])
  })

  test('cost the same number of queries for 2 backends in one farm and for 200 in three', async () => {
    const counted = async (): Promise<number> => {
      await stop()
      let queries = 0
      singleton('db', () => {
        const client = new PrismaClient({ adapter: sqliteAdapter(env().database), log: [{ emit: 'event', level: 'query' }] })
        client.$on('query', () => queries++)
        return client
      })
      expect((await states()).status).toBe(200)
      return queries
    }
    await states()
    const few = await counted()
    const backends = Array.from({ length: 200 }, (_, index) => ({ name: `b${index}`, address: `203.0.113.${index + 20}` }))
    for (const [index, name] of ['web', 'shop', 'mail'].entries()) await it.api('PUT', `/api/v1/farms/${name}`, { body: farm({ name, vip: `203.0.113.${index + 7}`, backends }), headers: anyVersion })
    expect((await states()).body.items).toHaveLength(200)
    expect(await counted()).toBe(few)
    expect(few).toBeGreaterThan(3)
  })

  test('are known for a machine in more farms than a query has parameters', async () => {
    const { backends, ...plain } = farmSchema.parse(farm())
    const farms = Array.from({ length: 1200 }, (_, index) => ({ ...plain, name: `farm${index}`, ports: [String(index + 1000)], backends }))
    await db().farm.createMany({ data: farms.map((one) => farmColumns(one, 1)) })
    await db().backend.createMany({ data: farms.flatMap(({ name }) => backends.map((backend) => backendColumns(name, backend, 1))) })
    expect(await stateOf()).toMatchObject({ farms: { length: 1201, 0: 'farm0', 2: 'farm2', 10: 'farm10' } })
  })
})

test('what is known of a machine is forgotten with its last farm', async () => {
  await it.api('PUT', `${prep}/system`, { body: { system: 'ansible' } })
  await it.api('PUT', `${web}/backends/web2/prep/system`, { body: { system: 'netplan' } })
  await it.api('POST', `${prep}/link`, { body: {} })
  await forgetOldPreparation()
  expect([await db().prepMachine.count(), await db().prepLink.count()]).toEqual([2, 1])
  await it.api('DELETE', `${web}/backends/web1`, { headers: anyVersion })
  await forgetOldPreparation()
  expect([await db().prepMachine.findMany({ select: { address: true } }), await db().prepLink.count()]).toEqual([[{ address: '203.0.113.22' }], 0])
})

test('what another version wrote and this one cannot read counts as not known', async () => {
  await db().prepMachine.create({ data: { address: '203.0.113.21', system: 'beos', report: '{"version":2}', receivedAt: new Date(), by: 'user:admin' } })
  expect(await stateOf()).toMatchObject({ system: 'linux', status: 'never-checked', verification: null })
})
