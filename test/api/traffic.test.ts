import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bucketSeconds, placeOf } from '#lib/domain/traffic-history.ts'
import { stop } from '#lib/server/stop.ts'
import { sampleTraffic } from '#lib/server/traffic.ts'
import { forgetOldTraffic, loadHour, saveHour } from '#lib/server/traffic-hours.ts'
import { sample } from '#test/unit/domain/samples.ts'
import { testConsole } from './console.ts'
import { farm } from './farm.ts'

const it = testConsole()
const web = '/api/v1/farms/web'
const bucketMs = bucketSeconds * 1000
const hourMs = 3_600_000

/** The last moment at which a bucket began; the tests count seconds from it. */
let edge = 0

beforeEach(async () => {
  edge = Math.floor(Date.now() / bucketMs) * bucketMs
  await it.api('PUT', web, { body: farm() })
})

afterEach(() => vi.restoreAllMocks())

/** Lets the console look at the counters when farm web stands at `packets`, two thirds of them sent to web1. */
async function count(seconds: number, packets: number, unsent = 0): Promise<void> {
  it.agent.stats = sample(new Date(edge + seconds * 1000).toISOString(), { web: { packets, unsent, backends: { web1: (packets * 2) / 3, web2: packets / 3 } } })
  await sampleTraffic()
}

async function historyOf(): Promise<Array<[number, number, number]>> {
  const { body } = await it.api('GET', `${web}/stats`)
  return (body.history as unknown as Array<{ at: string; seconds: number; packets: number }>).map(({ at, seconds, packets }) => [(Date.parse(at) - edge) / 1000, seconds, packets])
}

test('totals and rates of all farms, and of one farm with its backends', async () => {
  await count(-10, 3000)
  await count(-5, 6000)
  expect((await it.api('GET', '/api/v1/stats', { as: 'read' })).body).toEqual({
    at: new Date(edge - 5000).toISOString(),
    farms: [{ name: 'web', totals: { packets: 6000, bytes: 360_000, connections: 600, unsent: 0 }, rates: { packets: 600, bits: 288_000, connections: 60 } }],
  })
  expect((await it.api('GET', `${web}/stats`, { as: 'read' })).body).toMatchObject({
    name: 'web',
    totals: { packets: 6000 },
    rates: { packets: 600 },
    backends: [
      { name: 'web1', totals: { packets: 4000, bytes: 240_000, connections: 400 }, rates: { packets: 400, bits: 192_000, connections: 40 } },
      { name: 'web2', totals: { packets: 2000 }, rates: { packets: 200 } },
    ],
    history: [{ at: new Date(edge - bucketMs).toISOString(), seconds: 5, packets: 3000, bytes: 180_000, connections: 300, unsent: 0 }],
  })
})

test('one sample gives totals and no rates, and the same reading twice changes nothing', async () => {
  await count(-10, 3000)
  expect((await it.api('GET', `${web}/stats`)).body).toMatchObject({ totals: { packets: 3000 }, rates: null, history: [] })
  await count(-5, 6000)
  await sampleTraffic()
  expect((await it.api('GET', `${web}/stats`)).body).toMatchObject({ rates: { packets: 600 } })
  expect(await historyOf()).toEqual([[-300, 5, 3000]])
})

test('without the agent nothing is known of now, and the history stays', async () => {
  await count(-10, 3000)
  await count(-5, 6000)
  await it.agent.stop()
  await sampleTraffic()
  const clock = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => clock + 16_000)
  expect((await it.api('GET', '/api/v1/stats')).body).toEqual({ at: null, farms: [] })
  expect((await it.api('GET', `${web}/stats`)).body).toMatchObject({ at: null, totals: null, rates: null, backends: [{ totals: null, rates: null }, {}], history: [{ packets: 3000 }] })
})

test('an agent that was away, and counters that begin anew, leave a gap and no peak', async () => {
  await count(-200, 3000)
  await count(-195, 6000)
  await count(-100, 900_000)
  expect(await historyOf()).toEqual([[-300, 5, 3000]])
  await count(-95, 903_000)
  await count(-90, 60_000)
  expect((await it.api('GET', `${web}/stats`)).body).toMatchObject({ totals: { packets: 60_000 }, rates: null })
  await count(-85, 61_500)
  expect(await historyOf()).toEqual([[-300, 15, 7500]])
})

test.each(['the middle', 'the beginning'])('a full bucket survives a restart of the console at %s of an hour, which leaves a gap and no peak', async (part) => {
  edge -= (edge % hourMs) + (part === 'the middle' ? hourMs / 2 : 0)
  await count(-7, 3000)
  await count(-2, 6000)
  await count(3, 9000)
  await stop()
  expect(await historyOf()).toEqual([[-300, 5, 3000], [0, 5, 3000]])
  await count(8, 90_000)
  await count(13, 93_000)
  expect(await historyOf()).toEqual([[-300, 5, 3000], [0, 10, 6000]])
})

test('what no backend could get is counted on its own', async () => {
  await count(-10, 3000)
  await count(-5, 3000, 12)
  expect((await it.api('GET', `${web}/stats`)).body).toMatchObject({ totals: { unsent: 12 }, rates: { packets: 0 }, history: [{ packets: 0, unsent: 12 }] })
})

test('hours that no history shows are deleted, and the others are kept', async () => {
  const { hour } = placeOf(new Date())
  const farms = new Map([['web', [{ index: 0, seconds: 300, packets: 1, bytes: 60, connections: 0, unsent: 0 }]]])
  for (const old of [25, 24, 1]) await saveHour({ hour: hour - old, farms })
  await forgetOldTraffic()
  const kept = await Promise.all([25, 24, 1].map(async (old) => (await loadHour(hour - old)).farms.size))
  expect(kept).toEqual([0, 1, 1])
})

test('a farm that does not exist has no stats', async () => {
  expect((await it.api('GET', '/api/v1/farms/none/stats')).status).toBe(404)
})
