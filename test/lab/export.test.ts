import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rolesOf } from '#lib/domain/active.ts'
import { vipsOf, type Farm, type FarmInput } from '#lib/domain/farm.ts'
import { prepScript } from '#lib/prep/script.ts'
import { exportFarm } from '#lib/render/export-farm.ts'
import { renderFarm } from '#lib/render/nftlb.ts'
import { farm } from '#test/unit/domain/farms.ts'
import { total } from './client.ts'
import { ruleset } from './kernel.ts'
import { createLab, type Lab } from './lab.ts'
import { addressV4, backendHost, lan } from './topology.ts'
import { until } from './until.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab({ backends: ['web1', 'web2'], ports: [80] })
})
afterAll(() => lab?.remove())

/** Loads the exports of these farms with Debian's nftlb on the machine `lb`, and nothing of ours. */
async function load(farms: readonly Farm[]): Promise<string> {
  const { lb, backends } = lab.topology
  const macs = new Map(backends.map(({ name, nic }) => [name, nic.mac]))
  const exported = farms.map((one) => exportFarm(renderFarm(one, { interface: { name: lb.nic.device, mac: lb.nic.mac }, roles: rolesOf(one, () => true), macs })).farm)
  const file = join(lab.topology.folder, 'nftlb.json')
  await writeFile(file, JSON.stringify({ farms: exported }))
  await lab.topology.run(lb, ['nftlb', '-e', '-l', '3', '-c', file])
  return ruleset(lb)
}

const six: Partial<FarmInput> = { vip: '2001:db8:113::7', backends: [{ name: 'web1', address: '2001:db8:113::21' }, { name: 'web2', address: '2001:db8:113::22' }] }

test.each<[string, Partial<FarmInput>, string]>([
  ['several VIPs', { additionalVips: ['203.0.113.8', '192.0.2.9'], ports: ['80', '443'] }, 'jhash ip saddr . tcp sport'],
  ['the address of the client alone', { hashInput: ['srcip'] }, 'jhash ip saddr'],
  ['several IPv6 VIPs', { ...six, additionalVips: ['2001:db8:113::8'] }, 'jhash ip6 saddr . tcp sport'],
  ['all protocols', { protocol: 'all', additionalVips: ['203.0.113.8'] }, 'jhash ip saddr'],
  ['all ports', { ports: [], additionalVips: ['203.0.113.8'] }, 'jhash ip saddr . tcp sport'],
])('nftlb sends what comes for a maglev farm with %s to all its backends', async (_, changes, hash) => {
  const wanted = farm(changes)
  const rules = await load([wanted])
  const ways = vipsOf(wanted).flatMap((vip) => (wanted.protocol === 'all' ? ['tcp', 'udp', 'sctp'] : ['tcp']).flatMap((protocol) => (wanted.ports.length > 0 ? wanted.ports.map((port) => `${protocol} . ${vip} . ${port}`) : [`${protocol} . ${vip}`])))
  for (const way of ways) expect(rules).toContain(`${way} : goto f_web`)
  const [web1, web2] = lab.topology.backends.map(({ nic }) => nic.mac)
  expect(rules).toContain(`${hash} mod 2 map { 0 : ${web1}, 1 : ${web2} } fwd to`)
})

test('clients reach both backends through every VIP of the export', async () => {
  const wanted = farm({ additionalVips: ['203.0.113.8'] })
  for (const [index, backend] of lab.topology.backends.entries()) {
    const script = prepScript({ system: 'linux', backend: { name: backend.name, address: addressV4(lan, backendHost(index)) }, farms: [wanted], appliances: [] })
    if ('refusal' in script) throw new Error(script.refusal)
    const file = join(lab.topology.folder, `${backend.name}.sh`)
    await writeFile(file, script.text)
    await lab.topology.run(backend, ['env', `TANGENT_BACKEND_STATE=${join(lab.topology.folder, backend.name)}`, 'sh', file, '--apply'])
  }
  for (const vip of vipsOf(wanted)) await lab.topology.run(lab.topology.lb, ['ip', 'addr', 'add', `${vip}/32`, 'dev', lab.topology.lb.nic.device])
  await load([wanted])
  for (const vip of vipsOf(wanted)) {
    await until(`the services have found ${vip}`, async () => (await lab.client.request({ url: `http://${vip}/`, count: 20 })).failures.length === 0)
    const tally = await lab.client.request({ url: `http://${vip}/`, count: 100 })
    expect(tally.failures).toEqual([])
    expect(total(tally)).toBe(100)
    expect(Object.keys(tally.answered).sort()).toEqual(['web1', 'web2'])
  }
})
