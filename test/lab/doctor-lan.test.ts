import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { diagnose } from '#lib/domain/doctor/diagnose.ts'
import type { DoctorFarm } from '#lib/domain/doctor/run.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { startAnswerer } from './answerer.ts'
import { vips, type Family } from './doctor-mistakes.ts'
import { openDoctorSite, ripOf, type DoctorSite } from './doctor-site.ts'
import { nativeFarms } from './native-kernel.ts'
import { attach, replaceNic } from './nic.ts'
import { startProcess } from './process.ts'
import { inside } from './command.ts'
import { until } from './until.ts'

const names = ['web1', 'web2', 'stranger']
const serving = ['web1', 'web2']
const families = Object.keys(vips) as Family[]

let site: DoctorSite
let farms: Record<Family, Farm>

beforeAll(async () => {
  site = await openDoctorSite(names, [80])
  farms = { IPv4: site.farm({ name: 'four', vip: vips.IPv4 }, serving), IPv6: site.farm({ name: 'six', vip: vips.IPv6 }, serving) }
  for (const name of serving) for (const vip of Object.values(vips)) await site.prepare(name, vip)
  await putAll()
})
afterAll(() => site?.remove())

const putAll = (): Promise<void> => site.put(...Object.values(farms))
const faults = async (): Promise<string[]> => (await site.agent.socket.status()).faults.filter(({ code }) => code === 'vip-leaked').map(({ detail }) => detail)
const codes = ({ rows, lan }: DoctorFarm): string[] => [...rows.flatMap(({ backend, findings }) => findings.map(({ code }) => `${backend} ${code}`)), ...lan.map(({ code }) => `LAN ${code}`)]
const verdicts = (found: DoctorFarm, backend: string): Record<string, string> => Object.fromEntries(found.rows.find((row) => row.backend === backend)?.cells.map(({ check, verdict }) => [check, verdict]) ?? [])

test.each(families)('a stranger that answers for the VIP is named by its MAC address, and becomes a fault (%s)', async (family) => {
  const stranger = site.machine('stranger')
  await site.sh(stranger, `ip addr add ${vips[family]}/${family === 'IPv4' ? 24 : 64} dev eth0 ${family === 'IPv4' ? '' : 'nodad'}`)
  const found = await site.visit(farms[family])
  expect(codes(found)).toEqual(['LAN vip-stranger'])
  expect(found.lan[0]).toMatchObject({ severity: 'critical', evidence: `${stranger.nic.mac} answers questions for the MAC address of ${vips[family]}.`, next: null })
  expect(found.lan[0]?.causes[0]?.fix).toContain(stranger.nic.mac)
  await until('it is a fault', async () => (await faults()).some((detail) => detail.includes(`${stranger.nic.mac} answers for`) && detail.includes(vips[family])))
  await site.sh(stranger, `ip addr del ${vips[family]}/${family === 'IPv4' ? 24 : 64} dev eth0`)
})

test('a backend that asks in the name of the VIP is a fault that names it, without anybody who examines', async () => {
  const { nic } = site.machine('web2')
  await site.sh(site.machine('web2'), `echo 0 >/proc/sys/net/ipv4/conf/all/arp_announce; echo | socat - UDP4:203.0.113.198:9,bind=${vips.IPv4}; echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce`)
  await until('it is a fault', async () => (await faults()).some((detail) => detail.startsWith(`${nic.mac}, which is backend web2 of farm four, asks for other machines in the name of ${vips.IPv4}`)))
  const { heard } = await site.examine(farms.IPv4)
  expect(heard.filter(({ what }) => what === 'question')).toMatchObject([{ vip: vips.IPv4, mac: nic.mac, backend: { name: 'web2' } }])
  // Its operator runs the check, which finds nothing, and what was heard before says nothing any more.
  expect(codes(await site.visit(farms.IPv4))).toContain('web2 vip-sender')
  expect(codes(await site.visit(farms.IPv4, new Map([['web2', await site.checked('web2', vips.IPv4)]])))).not.toContain('web2 vip-sender')
})

test('a machine that makes up thousands of addresses stops nobody, and buries no other fault', async () => {
  const macOf = (index: number): number[] => [6, 0, 0, 0, index >> 8, index & 255]
  const reply = (index: number): Buffer => Buffer.concat([Buffer.from([255, 255, 255, 255, 255, 255, ...macOf(index), 8, 6, 0, 1, 8, 0, 6, 4, 0, 2, ...macOf(index), 203, 0, 113, 100, 0, 0, 0, 0, 0, 0, 203, 0, 113, 2]), Buffer.alloc(22)])
  const file = `${site.topology.folder}/made-up`
  await writeFile(file, Buffer.concat(Array.from({ length: 4000 }, (_, index) => reply(index))))
  const many = Array.from({ length: 200 }, (_, index) => site.farm({ name: `farm${index}`, vip: vips.IPv4, ports: [String(1000 + index)], monitor: null }, serving))
  await site.put(...Object.values(farms), ...many)
  await site.sh(site.machine('stranger'), `socat -u -b 64 OPEN:${file} INTERFACE:eth0`)
  await until('they are a fault', async () => (await faults()).some((detail) => detail.includes('more machines')))
  const begun = performance.now()
  const all = await faults()
  expect(performance.now() - begun).toBeLessThan(1000)
  expect(all.length).toBeLessThan(3)
  expect((await site.visit(farms.IPv4)).lan.length).toBeLessThan(12)
  await site.sh(site.topology.router, 'ip neigh flush all')
  await putAll()
})

test('another card of the appliance in the same network is no other machine, and is named', async () => {
  const { lb, router } = site.topology
  await attach(lb.namespace, 'eth9', lb.nic.network, ['203.0.113.3/24'], [])
  try {
    await until('it is known', async () => (await site.agent.socket.call('GET', '/v1/interfaces')).text.includes('"eth9"'))
    const found = await site.visit(farms.IPv4)
    expect(found.lan.filter(({ code }) => code === 'vip-own-card')).toMatchObject([{ evidence: `eth9 of the appliance answers questions for the MAC address of ${vips.IPv4}.` }])
    expect(JSON.stringify([await faults(), found.lan])).not.toContain(await site.sh(lb, 'cat /sys/class/net/eth9/address').then((text) => text.trim()))
    await site.sh(lb, 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore')
    expect((await site.visit(farms.IPv4)).lan.filter(({ code }) => code === 'vip-own-card')).toEqual([])
  } finally {
    await site.sh(lb, 'echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore; ip link del eth9')
    await site.sh(router, 'ip neigh flush all')
  }
})

test('a backend of two farms that answers for the VIP of the second is a fault there', async () => {
  const second = site.farm({ name: 'second', vip: '203.0.113.105' }, serving)
  await site.put(...Object.values(farms), second)
  await site.sh(site.machine('web2'), `ip addr add ${second.vip}/24 dev eth0`)
  try {
    await site.visit(second)
    const found = await until('it is a fault', async () => (await site.agent.socket.status()).faults.find(({ code, detail }) => code === 'vip-leaked' && detail.includes(second.vip)))
    expect(found).toMatchObject({ farm: 'second', backend: 'web2', detail: `${site.machine('web2').nic.mac}, which is backend web2 of farm second, answers for ${second.vip}.` })
  } finally {
    await site.sh(site.machine('web2'), `ip addr del ${second.vip}/24 dev eth0`)
    await putAll()
  }
})

test('a network that drops ARP questions without a sender makes nobody off', async () => {
  const pinned = site.farm({ name: 'four', vip: vips.IPv4, backends: [{ name: 'web1', address: ripOf(0, vips.IPv4) }, { name: 'web2', address: ripOf(1, vips.IPv4), mac: site.machine('web2').nic.mac }] })
  const nat = site.farm({ name: 'nat', mode: 'snat', vip: '203.0.113.102', scheduler: 'symhash' }, serving)
  await site.put(pinned, nat)
  await site.sh(site.machine('web2'), "nft add table arp fw; nft add chain arp fw in '{ type filter hook input priority 0; }'; nft add rule arp fw in arp operation request arp saddr ip 0.0.0.0 drop")
  try {
    for (const one of [pinned, nat]) {
      const found = await site.visit(one)
      expect(codes(found), one.name).toEqual([])
      expect(verdicts(found, 'web2'), one.name).toMatchObject({ network: 'unknown', rip: 'ok', vip: one.mode === 'dsr' ? 'ok' : 'skipped' })
    }
  } finally {
    await site.sh(site.machine('web2'), 'nft delete table arp fw')
    await putAll()
  }
})

test('a disabled backend that is off is nothing to find', async () => {
  const resting = site.farm({ name: 'four', vip: vips.IPv4, backends: [{ name: 'web1', address: ripOf(0, vips.IPv4) }, { name: 'web2', address: ripOf(1, vips.IPv4), adminState: 'disabled' }] })
  await site.put(resting)
  await site.sh(site.machine('web2'), "for family in arp inet; do nft add table $family off; nft add chain $family off in '{ type filter hook input priority 0; policy drop; }'; done")
  try {
    const found = await site.visit(resting)
    expect(codes(found)).toEqual([])
    expect(new Set(Object.values(verdicts(found, 'web2')))).toEqual(new Set(['skipped']))
  } finally {
    await site.sh(site.machine('web2'), 'nft delete table arp off; nft delete table inet off')
    await putAll()
  }
})

test('replies of a backend without a gateway are not said to leave', async () => {
  await site.sh(site.machine('web1'), 'ip route del default')
  try {
    expect(verdicts(await site.visit(farms.IPv4), 'web1').reply).toBe('unknown')
    expect(verdicts(await site.visit(farms.IPv4, new Map([['web1', await site.checked('web1', vips.IPv4)]])), 'web1').reply).toBe('unknown')
  } finally {
    await site.sh(site.machine('web1'), 'ip route add default via 203.0.113.1')
  }
  expect(verdicts(await site.visit(farms.IPv4, new Map([['web1', await site.checked('web1', vips.IPv4)]])), 'web1').reply).toBe('ok')
})

test('a backend with another MAC address than its farm says', async () => {
  const pinned = site.farm({ name: 'four', vip: vips.IPv4, backends: [{ name: 'web1', address: ripOf(0, vips.IPv4), mac: '02:00:00:00:00:77' }, { name: 'web2', address: ripOf(1, vips.IPv4) }] })
  await site.put(pinned, farms.IPv6)
  const found = diagnose(pinned, await site.examine(pinned), new Map())
  const row = found.rows.find(({ backend }) => backend === 'web1')
  expect(row?.findings[0]).toMatchObject({ code: 'mac-differs', next: null, causes: [{ fix: expect.stringContaining(`Enter ${site.machine('web1').nic.mac}`) as string }] })
  expect(verdicts(found, 'web1')).toMatchObject({ network: 'fail' })
  await putAll()
})

test('a replaced network card is healed by the agent, and then nothing is found', async () => {
  const machine = site.machine('web1')
  machine.nic = await replaceNic(machine.namespace, machine.nic)
  await until('its new MAC address is in use', async () => (await site.agent.socket.status()).farms.find(({ name }) => name === 'six')?.backends.find(({ name }) => name === 'web1')?.mac === machine.nic.mac)
  const found = await site.visit(farms.IPv6)
  expect(codes(found)).toEqual([])
  expect(verdicts(found, 'web1')).toMatchObject({ network: 'ok', kernel: 'ok' })
})

test('a backend that the rules in the kernel have lost', async () => {
  await until('both are in use', async () => (await site.agent.socket.status()).farms.every(({ backends }) => backends.every(({ active }) => active)))
  // The agent puts it right at once, so it is lost again and again.
  const web1 = site.machine('web1').nic.mac
  const ids = await site.sh(site.topology.lb, `nft -j list map netdev tangent macs`)
  const lost = [...ids.matchAll(/\[(\d+), "([0-9a-f:]+)"\]/g)].filter(([, , mac]) => mac === web1).map(([, id]) => id)
  expect(lost.length).toBeGreaterThan(0)
  const loser = startProcess(inside(site.topology.lb.namespace, ['sh', '-c', `while :; do for id in ${lost.join(' ')}; do nft delete element netdev tangent macs "{ $id }" 2>/dev/null; done; done`]), process.env, `${site.topology.folder}/loser.log`)
  try {
    const finding = await until('the doctor sees it', async () => (await site.visit(farms.IPv4)).rows.find(({ backend }) => backend === 'web1')?.findings.find(({ code }) => code === 'not-in-rules'), 60_000)
    expect(finding.evidence).toContain(web1)
  } finally {
    await loser.end('SIGKILL')
  }
  await until('the kernel is right again', async () => (await nativeFarms(site.topology.lb)).get('four')?.ownersAlive)
})

test('of a farm that translates addresses only what does not need the VIP is looked at', async () => {
  const nat = site.farm({ name: 'nat', mode: 'snat', vip: '203.0.113.102', scheduler: 'symhash', ports: ['82'] }, serving)
  await startAnswerer(`${site.topology.folder}/programs`, site.machine('web2'), [82])
  await site.put(nat)
  const found = await site.visit(nat)
  expect(codes(found)).toEqual(['web1 service-refused'])
  for (const check of ['vip', 'binding', 'leak', 'sender', 'loop', 'prefix', 'reply', 'preparation']) expect(verdicts(found, 'web2')[check], check).toBe('skipped')
  expect(verdicts(found, 'web2')).toMatchObject({ network: 'ok', subnet: 'ok', mtu: 'ok', rip: 'ok', ports: 'ok', kernel: 'ok' })
  await putAll()
})

test('what cannot be examined says why', async () => {
  const off = site.farm({ name: 'off', vip: '203.0.113.103', adminState: 'disabled' }, serving)
  const away = site.farm({ name: 'away', vip: '203.0.113.104', interface: 'eth7' }, serving)
  await site.put(off, away)
  expect((await site.visit(off)).trouble).toMatch(/disabled/)
  expect((await site.visit(away)).trouble).toMatch(/no interface eth7/)
  expect((await site.agent.socket.call('POST', '/v1/doctor', { farm: 'nobody', backends: null })).status).toBe(404)
  expect((await site.agent.socket.call('POST', '/v1/doctor', { farm: 'off', backends: 'web1' })).status).toBe(400)
  await putAll()
  // A farm that is taken away in the middle of it.
  const seen = site.examine(farms.IPv4)
  await site.put()
  for (const obstacle of (await seen).obstacles) expect(obstacle).toMatch(/^[^:\n]+: [^:\n]+\.$/)
  await putAll()
})

test('the table is put right when somebody flushes it, and is gone with the agent, also after it was killed', async () => {
  const rules = (): Promise<string> => site.sh(site.topology.lb, 'nft list ruleset')
  const listens = async (): Promise<boolean> => (await rules()).includes('chain on-eth0')
  await until('it listens', listens)
  await site.sh(site.topology.lb, 'nft delete table netdev tangent-doctor')
  await until('it listens again', listens)
  await site.agent.end('SIGKILL')
  expect(await listens()).toBe(true)
  await site.sh(site.topology.lb, 'nft add chain netdev tangent-doctor left-behind')
  await site.agent.start()
  await until('it is made anew', async () => (await listens()) && !(await rules()).includes('left-behind'))
  await site.agent.end('SIGTERM')
  expect(await rules()).not.toContain('tangent-doctor')
  await site.agent.start()
})
