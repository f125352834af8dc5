import { expect, test } from 'vitest'
import { rolesOf } from '#lib/domain/active.ts'
import type { FarmInput } from '#lib/domain/farm.ts'
import { exportFarm, type ExportedFarm } from '#lib/render/export-farm.ts'
import { renderFarm, type NftlbFarm } from '#lib/render/nftlb.ts'
import { farm } from '../domain/farms.ts'

function rendered(changes: Partial<FarmInput> = {}): NftlbFarm {
  const wanted = farm(changes)
  return renderFarm(wanted, { interface: { name: 'eth0', mac: '52:54:00:00:00:01' }, roles: rolesOf(wanted, () => true), macs: new Map([['web1', '52:54:00:00:00:11'], ['web2', '52:54:00:00:00:12']]) })
}

function exported(changes: Partial<FarmInput> = {}): ExportedFarm {
  return exportFarm(rendered(changes)).farm
}

test.each<Partial<FarmInput>>([{ scheduler: 'symhash' }, { scheduler: 'hash', hashInput: ['srcip'] }, { mode: 'snat', scheduler: 'weighted' }, { persistence: ['srcip'] }])('a farm of nftlb is exported as it is: %j', (changes) => {
  expect(exportFarm(rendered(changes))).toEqual({ farm: rendered(changes), notes: [] })
})

test('a maglev farm becomes one with hash, in the order that nftlb needs, and the notes say so', () => {
  const { farm: out, notes } = exportFarm(rendered({ additionalVips: ['203.0.113.9'], hashInput: ['srcip'] }))
  expect(Object.keys(out)).toEqual(['name', 'family', 'iface', 'oface', 'ether-addr', 'virtual-addr', 'virtual-ports', 'mode', 'protocol', 'scheduler', 'sched-param', 'persistence', 'persist-ttl', 'addresses', 'backends', 'state'])
  expect(out).toMatchObject({ scheduler: 'hash', 'sched-param': 'srcip' })
  expect(notes.join(' ')).toMatch(/maglev became hash on srcip.*slots, seed, handover-period and handover-size/)
})

test('every further address says where it is, so that the machine need not have it yet', () => {
  const [address] = exported({ additionalVips: ['203.0.113.9'] }).addresses ?? []
  expect(address).toEqual({ name: 'f_web_vip2', family: 'ipv4', iface: 'eth0', 'ether-addr': '52:54:00:00:00:01', 'ip-addr': '203.0.113.9', ports: '80', protocol: 'tcp' })
  expect(Object.keys(address ?? {})[0]).toBe('name')
})

test.each<[FarmInput['hashInput'], string, number]>([
  [['srcip', 'srcport'], 'srcip', 3],
  [['srcport'], 'srcip', 3],
  [['srcip', 'dstip'], 'srcip dstip', 2],
])('with all protocols a hash on %j becomes one on %s', (hashInput, expected, notes) => {
  const out = exportFarm(rendered({ protocol: 'all', ports: [], hashInput }))
  expect(out.farm['sched-param']).toBe(expected)
  expect(out.notes).toHaveLength(notes)
})
