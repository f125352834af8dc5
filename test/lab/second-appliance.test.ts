import { afterAll, beforeAll, expect, test } from 'vitest'
import { farmSchema } from '#lib/domain/farm.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { brokenSince, hold, receiving } from './hitless.ts'
import { startLoneAgent, type LoneAgent } from './lone-agent.ts'
import { nativeFarms } from './native-kernel.ts'
import { setNic } from './nic.ts'
import { addStandby } from './standby.ts'
import { until } from './until.ts'

const names = Array.from({ length: 5 }, (_, index) => `web${index + 1}`)
const url = 'http://203.0.113.100/'

let site: Site
let second: LoneAgent | null = null

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80] })
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], backends: backendsOf(names) })
  await site.prepare('web')
  await site.appliance.api.applied()
  await site.answers(url)
})
afterAll(async () => {
  await second?.end('SIGTERM')
  await site?.remove()
})

test('another appliance with the same document takes the VIP over and sends every open connection where it was', async () => {
  const { topology, appliance } = site
  // Its history is another: here a backend was removed and added, weights went up and down.
  for (const backends of [backendsOf(names.slice(1)), backendsOf(names).map((one) => ({ ...one, weight: 3 })), backendsOf(names)]) await appliance.api.patchFarm('web', { backends })
  const open = await hold(site, 'open', url, 200)
  const document = { generation: 1, farms: [farmSchema.parse((await appliance.api.call('GET', '/farms/web')).body)] }
  const first = (await nativeFarms(topology.lb)).get('web')
  await setNic(topology.lb.namespace, topology.lb.nic, 'down')

  const standby = await addStandby(topology)
  second = await startLoneAgent(standby, topology.folder, 'second')
  const { socket } = second
  await socket.put(document)
  await until('it has all backends', async () => (await socket.status()).farms[0]?.backends.every(({ active }) => active))
  await site.answers(url)

  const other = (await nativeFarms(standby)).get('web')
  const owned = [...(first?.slots ?? []), ...(first?.after ?? [])].sort(([a], [b]) => a - b)
  expect([...(other?.slots ?? [])].sort(([a], [b]) => a - b)).toEqual(owned)
  expect(await brokenSince(site, 'open', open)).toMatchObject({ others: 0, own: 0, of: 200 })
  expect(await receiving(site, url)).toEqual(names)
})
