import { afterAll, beforeAll, expect, test } from 'vitest'
import { farmSchema, type Backend } from '#lib/domain/farm.ts'
import { agentSocket } from './agent-socket.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { brokenSince, hold, receiving, type Broken } from './hitless.ts'
import { pidOf } from './kernel.ts'
import { generator } from './random.ts'
import { until } from './until.ts'

const names = Array.from({ length: 10 }, (_, index) => `web${index + 1}`)
const [vip, secondVip] = ['203.0.113.100', '203.0.113.101']
const url = `http://${vip}/`
const connections = 500
const none = { others: 0, own: 0 }

let site: Site
/** Where each of the open connections is; those that broke with their own backend are opened anew. */
let open: string[]

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80, 8080] })
  await site.appliance.api.putFarm({ name: 'web', vip, ports: ['80'], backends: backendsOf(names) })
  await site.prepare('web')
  await site.appliance.api.applied()
  await site.answers(url)
  open = await hold(site, 'open', url, connections)
})
afterAll(() => site?.remove())

async function broken(except: readonly string[] = []): Promise<Broken> {
  const result = await brokenSince(site, 'open', open, except)
  if (result.own > 0) {
    await site.client.release('open')
    open = await hold(site, 'open', url, connections)
  }
  return result
}

test('the farm is served by the native engine, and its 500 connections are spread over all ten backends', async () => {
  expect((await site.appliance.api.farmStatus('web')).engine).toBe('native')
  expect(new Set(open).size).toBe(10)
})

test('a drained backend gets no new client and keeps every connection; enabled again it gets its share back, and nothing breaks', async () => {
  await site.appliance.api.setAdminState('web', 'web3', 'draining')
  expect(await broken()).toMatchObject(none)
  expect(await receiving(site, url)).not.toContain('web3')
  const begun = await hold(site, 'begun', url, 150)
  await site.appliance.api.setAdminState('web', 'web3', 'enabled')
  expect(await broken()).toMatchObject(none)
  expect(await brokenSince(site, 'begun', begun)).toMatchObject(none)
  expect(await receiving(site, url)).toContain('web3')
  await site.client.release('begun')
})

test('a disabled backend loses its own connections and no other loses one; enabled again nothing breaks', async () => {
  await site.appliance.api.setAdminState('web', 'web5', 'disabled')
  const lost = await broken(['web5'])
  expect(lost.others).toBe(0)
  expect(lost.own).toBeGreaterThan(0)
  await site.appliance.api.setAdminState('web', 'web5', 'enabled')
  expect(await broken()).toMatchObject(none)
})

test('a backend that falls silent is ejected and comes back: only its own connections break', async () => {
  const { topology } = site
  await topology.run(site.machine('web7'), ['ip', 'link', 'set', 'eth0', 'down'])
  await until('web7 is out', async () => (await site.appliance.api.farmStatus('web')).backends.some(({ name, active }) => name === 'web7' && !active), 15_000)
  const lost = await broken(['web7'])
  expect(lost.others).toBe(0)
  await topology.run(site.machine('web7'), ['ip', 'link', 'set', 'eth0', 'up'])
  await topology.run(site.machine('web7'), ['ip', 'route', 'replace', 'default', 'via', '203.0.113.1'])
  await until('web7 is in again', async () => (await site.appliance.api.farmStatus('web')).backends.every(({ active }) => active), 15_000)
  expect(await broken()).toMatchObject(none)
})

test('weights changed, a backend removed and added: nothing breaks', async () => {
  const { api } = site.appliance
  await api.patchFarm('web', { backends: backendsOf(names).map((backend, index) => ({ ...backend, weight: index === 1 ? 5 : 1 })) })
  expect(await broken()).toMatchObject(none)
  await api.patchFarm('web', { backends: backendsOf(names).filter(({ name }) => name !== 'web9') })
  expect(await broken()).toMatchObject(none)
  expect(await receiving(site, url)).not.toContain('web9')
  await api.patchFarm('web', { backends: backendsOf(names) })
  expect(await broken()).toMatchObject(none)
  expect(await receiving(site, url, 400)).toContain('web9')
})

test('a VIP and a port added, another farm created and deleted: nothing breaks', async () => {
  const { api } = site.appliance
  await api.patchFarm('web', { additionalVips: [secondVip] })
  expect(await broken()).toMatchObject(none)
  await api.patchFarm('web', { ports: ['80', '8080'] })
  expect(await broken()).toMatchObject(none)
  await api.putFarm({ name: 'other', vip: '203.0.113.102', ports: ['80'], backends: backendsOf(names) })
  expect(await broken()).toMatchObject(none)
  await api.deleteFarm('other')
  expect(await broken()).toMatchObject(none)
})

test('agent, nftlb and console killed and started again: nothing breaks', async () => {
  const { appliance, topology } = site
  await appliance.agent().end('SIGKILL')
  expect(await broken()).toMatchObject(none)
  await appliance.startAgent()
  await appliance.api.applied()
  expect(await broken()).toMatchObject(none)
  const pid = await pidOf(topology.lb, 'nftlb')
  if (pid !== null) process.kill(pid, 'SIGKILL')
  expect(await broken()).toMatchObject(none)
  await appliance.console().end('SIGKILL')
  await appliance.startConsole()
  expect(await broken()).toMatchObject(none)
})

test('the whole document applied again: nothing breaks', async () => {
  const { api, socket } = site.appliance
  const { generation } = await api.status()
  const farm = farmSchema.parse((await api.call('GET', '/farms/web')).body)
  await agentSocket(socket).put({ generation, farms: [farm] })
  expect(await broken()).toMatchObject(none)
})

/** Seconds of changes in random order; the longer run is for people. */
const seconds = Number(process.env.TANGENT_HITLESS_SECONDS ?? 20)

test(
  `changes of every kind, overlapping in random order for ${seconds} s, break no connection of a backend that is left alone`,
  async () => {
    const { api } = site.appliance
    const random = generator(20_261_121)
    const ejected = new Set<string>()
    const begun: Array<{ name: string; backends: string[] }> = []
    let [changes, late, of] = [0, 0, 0]
    const look = async (some: typeof begun): Promise<void> => {
      for (const { name, backends } of some) {
        const part = await brokenSince(site, name, backends, [...ejected])
        late += part.others
        of += part.of
        await site.client.release(name)
      }
    }
    for (const end = performance.now() + seconds * 1000; performance.now() < end; changes++) {
      const list = await backendsNow()
      const chosen = list[Math.floor(random() * list.length)]
      const missing = backendsOf(names).filter(({ name }) => !list.some((one) => one.name === name))
      const enabled = list.filter(({ adminState }) => adminState === 'enabled').length
      const kind = Math.floor(random() * 6)
      if (!chosen) throw new Error('The farm has no backend.')
      if (kind === 0 && enabled > 4) await api.setAdminState('web', chosen.name, 'draining')
      else if (kind === 1) await api.patchFarm('web', { backends: list.map((one) => ({ ...one, adminState: 'enabled' })) })
      else if (kind === 2) await api.patchFarm('web', { backends: list.map((one) => ({ ...one, weight: one.name === chosen.name ? 1 + Math.floor(random() * 5) : one.weight })) })
      else if (kind === 3 && enabled > 4) await api.patchFarm('web', { backends: list.filter(({ name }) => name !== chosen.name) })
      else if (kind === 4) await api.patchFarm('web', { backends: [...list, ...missing.slice(0, 1)] })
      else if (ejected.size === 0 && enabled > 4) {
        await api.setAdminState('web', chosen.name, 'disabled')
        ejected.add(chosen.name)
      }
      if (random() < 0.3) begun.push({ name: `begun${changes}`, backends: await hold(site, `begun${changes}`, url, 20) })
      // The client has a port for each: in a long run the oldest make room.
      if (begun.length > 500) await look(begun.splice(0, 100))
    }
    const result = await brokenSince(site, 'open', open, [...ejected])
    await look(begun)
    console.log(`${changes} changes in ${seconds} s: ${result.others} of ${result.of} old and ${late} of ${of} new connections of the other backends broke`)
    expect(changes).toBeGreaterThan(10)
    expect({ old: result.others, young: late }).toEqual({ old: 0, young: 0 })
  },
  (seconds + 120) * 1000,
)

async function backendsNow(): Promise<Backend[]> {
  const { body } = await site.appliance.api.call('GET', '/farms/web')
  return farmSchema.parse(body).backends
}
