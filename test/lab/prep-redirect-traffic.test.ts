import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAnswerer } from './answerer.ts'
import { captureFrames } from './capture.ts'
import { total } from './client.ts'
import { addressText } from './conformance-frames.ts'
import { backendsOf, openSite, type Site } from './fixture.ts'
import { prepareBackend } from './prepare.ts'
import { addressV4, addressV6, backendHost, lan, type Machine } from './topology.ts'

const names = ['web1', 'web2']
const [vip, sixVip, port] = ['203.0.113.100', '2001:db8:113::100', 8080]

let site: Site

/** The applications take requests at the backends' own addresses alone. */
beforeAll(async () => {
  site = await openSite({ backends: names, ports: [] })
  for (const [index, backend] of site.topology.backends.entries()) {
    const [four, six] = [addressV4(lan, backendHost(index)), addressV6(lan, backendHost(index))]
    await startAnswerer(join(site.topology.folder, 'programs'), backend, [`${four}/${port}`, `${six}/${port}`])
  }
  const six = names.map((name, index) => ({ name, address: addressV6(lan, backendHost(index)) }))
  await site.appliance.api.putFarm({ name: 'web', vip, ports: [String(port)], backends: backendsOf(names) })
  await site.appliance.api.putFarm({ name: 'udp', vip, protocol: 'udp', ports: [String(port)], backends: backendsOf(names) })
  await site.appliance.api.putFarm({ name: 'six', vip: sixVip, ports: [String(port)], backends: six })
  await site.appliance.api.applied()
})
afterAll(() => site?.remove())

const url = `http://${vip}:${port}/`

async function prepare(farm: string, mode: '--apply' | '--check' | '--undo', system: 'linux' | 'linux-redirect' = 'linux-redirect'): Promise<void> {
  for (const backend of site.topology.backends) await prepareBackend(site.appliance, site.topology, farm, backend, mode, system)
}

/** From which address, and to which card, the backends said everything from the port of the service meanwhile. */
async function repliesDuring(work: () => Promise<unknown>): Promise<Set<string>> {
  const replies = new Set<string>()
  const read = (frame: Buffer): void => {
    const isTcp = frame.readUInt16BE(12) === 0x0800 && frame.readUInt8(23) === 6
    const card = [...frame.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
    if (isTcp && frame.readUInt16BE(34) === port) replies.add(`${addressText(frame.subarray(26, 30))} to ${card}`)
  }
  const stops = await Promise.all(site.topology.backends.map(({ nic }) => captureFrames(nic.network, nic.port, read)))
  await work()
  for (const stop of stops) stop()
  return replies
}

/** The MAC addresses of those who say that they have the VIP. */
async function owners(asker: Machine): Promise<string[]> {
  const output = await site.topology.run(asker, ['arping', '-c', '3', '-w', '3', '-I', asker.nic.device, vip])
  return [...new Set([...output.matchAll(/\[([0-9A-F:]+)\]/gi)].map(([, mac = '']) => mac.toLowerCase()))]
}

test('with the VIP on lo, clients of such an application are refused', async () => {
  await prepare('web', '--apply', 'linux')
  expect((await site.client.request({ url, count: 10, timeoutMs: 500 })).answered).toEqual({})
  await prepare('web', '--undo', 'linux')
})

test('redirected, it answers every client from the VIP, past the appliance, and nobody but the appliance has the VIP', async () => {
  await prepare('web', '--apply')
  await prepare('web', '--check')
  await site.answers(url)
  const replies = await repliesDuring(async () => {
    const tally = await site.client.request({ url, count: 100 })
    expect(tally.failures).toEqual([])
    expect(Object.keys(tally.answered).sort()).toEqual(names)
  })
  expect([...replies]).toEqual([`${vip} to ${site.topology.router.nic.mac}`])
  expect(await owners(site.topology.router)).toEqual([site.topology.lb.nic.mac])
})

test('datagrams as well, by the rules of the same script', async () => {
  const tally = await site.client.udp({ address: vip, port, count: 100 })
  expect(tally.failures).toEqual([])
  expect(total(tally)).toBe(100)
})

test('IPv6 as well', async () => {
  await prepare('six', '--apply')
  await prepare('six', '--check')
  await site.answers(`http://[${sixVip}]:${port}/`)
  expect((await site.client.request({ url: `http://[${sixVip}]:${port}/`, count: 100 })).failures).toEqual([])
})

test('another farm on the backends breaks no connection, and undo ends all of it', async () => {
  const held = await site.client.hold({ name: 'held', url, connections: 20 })
  expect(held.backends).not.toContain(null)
  await site.appliance.api.putFarm({ name: 'more', vip: '203.0.113.101', ports: ['81'], backends: backendsOf(names) })
  await site.appliance.api.applied()
  await prepare('more', '--apply')
  expect(await site.client.use('held')).toEqual(held)

  await prepare('web', '--undo')
  expect((await site.client.request({ url, count: 5, timeoutMs: 500 })).answered).toEqual({})
})
