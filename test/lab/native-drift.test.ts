import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, inside } from './command.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { brokenSince, hold, receiving } from './hitless.ts'
import { nativeFarms } from './native-kernel.ts'
import { until } from './until.ts'

const names = ['web1', 'web2', 'web3']
const url = 'http://203.0.113.100/'
const size = 4093
/** How long a difference in the kernel may stay, in ms. */
const mendedWithin = 5000

let site: Site
let atRest: string

beforeAll(async () => {
  site = await openSite({ backends: names, ports: [80] })
  await site.appliance.api.putFarm({ name: 'web', vip: '203.0.113.100', ports: ['80'], handoverPeriod: 6, backends: backendsOf(names) })
  await site.prepare('web')
  await site.appliance.api.applied()
  await site.answers(url)
  atRest = await rules()
})
afterAll(() => site?.remove())

const byHand = (script: string): Promise<string> => command(inside(site.topology.lb.namespace, ['nft', script]))

/** The rules of our table without numbers and slots: what a packet meets. */
async function rules(): Promise<string> {
  const text = await byHand('list table netdev tangent').catch(() => '')
  return [...text.matchAll(/^\tchain \S+ \{\n(.*?)^\t\}/gms)].map(([chain]) => chain).join('\n')
}

/** True when packets meet every slot of the farm, and the rules from before. */
async function whole(): Promise<boolean> {
  const web = (await nativeFarms(site.topology.lb)).get('web')
  return web !== undefined && web.reachable && web.ownersAlive && web.slots.size === size && web.before.size === 0 && (await rules()) === atRest
}

const slotOne = async (): Promise<number> => (await nativeFarms(site.topology.lb)).get('web')?.slots.get(1) ?? 0

test.each<[string, () => Promise<string>]>([
  ['a slot deleted', async () => 'delete element netdev tangent f_web { 1 }'],
  ['the MAC of a backend deleted', async () => `delete element netdev tangent macs { ${await slotOne()} }`],
  ['the way to the farm deleted', async () => 'delete element netdev tangent ports4 { tcp . 203.0.113.100 . 80 }'],
  ['the chain of the farm flushed', async () => 'flush chain netdev tangent f_web'],
  ['a rule that drops everything added', async () => 'insert rule netdev tangent in-eth0 drop'],
  ['the chain that sends flushed', async () => 'flush chain netdev tangent send-tcp4-eth0'],
  ['the table deleted', async () => 'delete table netdev tangent'],
  ['the whole ruleset flushed', async () => 'flush ruleset'],
])('%s by hand is put right and reported', async (_what, script) => {
  await until('there is no fault from before', async () => whole())
  const opened = await hold(site, 'open', url, 60)
  await byHand(await script())
  await until('the kernel is as it was', whole, mendedWithin)
  expect(await receiving(site, url, 100)).toEqual(names)
  expect(await brokenSince(site, 'open', opened)).toMatchObject({ others: 0, own: 0, of: 60 })
  await until('the drift is reported', async () => (await site.appliance.api.status()).faults.some(({ code }) => code === 'drift'))
  await site.client.release('open')
})

test('a handover is shown while it lasts, and ends after its period with every slot at its new owner', async () => {
  const { api } = site.appliance
  const opened = await hold(site, 'open', url, 60)
  await api.setAdminState('web', 'web2', 'draining')
  expect(await brokenSince(site, 'open', opened)).toMatchObject({ others: 0 })
  const during = await until('old packets are counted', async () => {
    const { handover } = await api.farmStatus('web')
    return handover && (handover.owners[0]?.packets ?? 0) > 0 ? handover : null
  })
  expect(during).toMatchObject({ of: size, owners: [{ backend: 'web2' }] })
  expect(during.slots).toBeGreaterThan(size / 3 - 100)
  expect(during.endsInSeconds).toBeLessThanOrEqual(6)
  await until('the handover is over', async () => (await api.farmStatus('web')).handover === null)
  expect(await whole()).toBe(true)
  expect(await brokenSince(site, 'open', opened, ['web2'])).toMatchObject({ others: 0 })
  await site.client.release('open')
  await api.setAdminState('web', 'web2', 'enabled')
  await until('the way back is over too', async () => (await api.farmStatus('web')).handover === null)
  expect(await receiving(site, url, 100)).toEqual(names)
})

test('an agent that starts on an empty kernel sends every open connection where it was', async () => {
  const { appliance } = site
  const opened = await hold(site, 'open', url, 100)
  await appliance.agent().end('SIGKILL')
  await byHand('flush ruleset')
  await appliance.startAgent()
  await until('the kernel is as it was', whole)
  expect(await brokenSince(site, 'open', opened)).toMatchObject({ others: 0, own: 0, of: 100 })
  await site.client.release('open')
})
