import { afterAll, beforeAll, expect, test } from 'vitest'
import { farmStatsSchema, type FarmStats } from '#lib/domain/stats.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { hold } from './hitless.ts'
import { until } from './until.ts'

const names = ['web1', 'web2', 'web3']
const vip = '203.0.113.100'
const url = `http://${vip}/`

let site: Site

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80] })
  await site.appliance.api.putFarm({ name: 'web', vip, ports: ['80'], backends: backendsOf(names) })
  await site.prepare('web')
  await site.appliance.api.applied()
  await site.answers(url)
})
afterAll(() => site?.remove())

async function stats(): Promise<FarmStats> {
  return farmStatsSchema.parse((await site.appliance.api.call('GET', '/farms/web/stats')).body)
}

test('what clients send shows as rates, shares and history at the API', async () => {
  await site.client.flow({ name: 'clients', url, perSecond: 40 })
  const seen = await until('the rate is that of the clients', async () => {
    const now = await stats()
    return Math.abs((now.rates?.connections ?? 0) - 40) < 6 ? now : null
  }, 40_000)
  expect(seen.backends.map(({ name }) => name)).toEqual(names)
  const shares = seen.backends.map(({ rates }) => rates?.packets ?? 0)
  expect(Math.min(...shares)).toBeGreaterThan(0)
  expect(Math.abs(shares.reduce((sum, one) => sum + one, 0) - (seen.rates?.packets ?? 0))).toBeLessThan(0.1)
  // Every connection takes a few packets of 40 bytes and more.
  expect(seen.rates?.packets).toBeGreaterThan(3 * 34)
  expect(seen.rates?.bits).toBeGreaterThan(8 * 40 * 3 * 34)
  expect(seen.history.at(-1)?.connections).toBeGreaterThan(0)
  expect(seen.totals?.unsent).toBe(0)
  await site.client.stop('clients')
})

test('after a backend was drained its farm says how far the handover is, and who still serves old connections', async () => {
  const open = await hold(site, 'open', url, 60)
  await site.appliance.api.setAdminState('web', 'web2', 'draining')
  const status = await until('web2 got packets of old connections', async () => {
    await site.client.use('open')
    const now = await site.appliance.api.farmStatus('web')
    return now.handover?.owners.some(({ backend, packets }) => backend === 'web2' && packets > 0) ? now : null
  })
  expect(open).toContain('web2')
  expect(status.engine).toBe('native')
  expect(status.handover).toMatchObject({ of: 4093, owners: [{ backend: 'web2' }] })
  expect(status.handover?.slots).toBeGreaterThan(1000)
  expect(status.handover?.endsInSeconds).toBeGreaterThan(3500)
  await site.client.release('open')
})
