import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFarm } from '#lib/domain/check.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { command, inside } from './command.ts'
import { labPrefix } from './lab.ts'
import { startLoneAgent, type LoneAgent } from './lone-agent.ts'
import { addressV6, backendHost, createTopology, lan, type Machine, type Topology } from './topology.ts'
import { until } from './until.ts'

const vip = { v4: '203.0.113.100', v6: addressV6(lan, 100) }

let topology: Topology
let agent: LoneAgent
let stranger: Machine

beforeAll(async () => {
  topology = await createTopology({ prefix: labPrefix(), backends: ['web1'] })
  stranger = topology.router
  agent = await startLoneAgent(topology.lb, topology.folder)
})
afterAll(async () => {
  await agent?.end('SIGTERM')
  await topology?.remove()
})

function farm(name: string, address: string, backend: string): Farm {
  const result = checkFarm({ name, vip: address, ports: ['80'], monitor: null, backends: [{ name: 'web1', address: backend }] }, { others: [], interfaces: null })
  if (!result.farm) throw new Error(JSON.stringify(result.problems))
  return result.farm
}

async function placed(): Promise<string> {
  return topology.run(topology.lb, ['ip', '-6', '-o', 'addr', 'show', 'to', vip.v6])
}

const contested = async (): Promise<boolean> => (await agent.socket.status()).faults.some(({ code, detail }) => code === 'vip-in-use' && detail.includes(vip.v6))

test('an IPv6 VIP that another machine has is a fault as long as it does, and is used as soon as it is free', async () => {
  await topology.run(stranger, ['ip', 'addr', 'add', `${vip.v6}/64`, 'dev', 'eth0', 'nodad'])
  await agent.socket.put({ generation: 1, farms: [farm('six', vip.v6, addressV6(lan, backendHost(0))), farm('four', vip.v4, '203.0.113.21')] })
  await until('the fault is there', contested)
  expect(await placed()).toContain('dadfailed')

  await topology.run(stranger, ['ip', 'addr', 'del', `${vip.v6}/64`, 'dev', 'eth0'])
  await until('the fault is gone', async () => !(await contested()), 20_000)
  await until('the VIP is used', async () => !/dadfailed|tentative/.test(await placed()))
  await topology.run(stranger, ['busybox', 'ping6', '-c', '1', '-W', '2', vip.v6])
})

test('the appliance announces its VIPs again when its cable was out, so that what was learnt meanwhile is put right', async () => {
  const nft = (text: string): Promise<string> => command(inside(stranger.namespace, ['nft', text]))
  await agent.applied()
  await nft(`add table arp seen ; add chain arp seen in { type filter hook input priority 0 ; } ; add rule arp seen in arp saddr ip ${vip.v4} counter`)
  const announcements = async (): Promise<number> => Number(/packets (\d+)/.exec(await nft('list table arp seen'))?.[1])
  // Those of its start may still be under way.
  let before = -1
  await until('the first announcements are over', async () => before === (before = await announcements()), 20_000, 2500)

  const { network, port } = topology.lb.nic
  await command(['ip', '-n', network, 'link', 'set', port, 'down'])
  await until('the agent has noticed', async () => (await agent.socket.status()).faults.some(({ code }) => code === 'interface-down'))
  await command(['ip', '-n', network, 'link', 'set', port, 'up'])
  await until('the VIP is announced', async () => (await announcements()) > before)
})
