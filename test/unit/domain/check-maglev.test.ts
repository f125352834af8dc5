import { describe, expect, it } from 'vitest'
import { checkFarm } from '#lib/domain/check.ts'
import { desiredSchema } from '#lib/domain/desired.ts'
import { withDefaults, type FarmInput } from '#lib/domain/farm.ts'
import type { Interface } from '#lib/domain/interface.ts'
import { farm, farmInput, found, nobody } from './farms.ts'

const eth0: Interface = { name: 'eth0', mac: '52:54:00:00:00:01', up: true, mtu: 1500, addresses: [{ address: '203.0.113.2', prefix: 24 }] }
const eth1: Interface = { ...eth0, name: 'eth1', mac: '52:54:00:00:00:02', addresses: [{ address: '198.51.100.2', prefix: 24 }] }
const many = Array.from({ length: 65 }, (_, i) => ({ name: `web${i}`, address: `203.0.113.${100 + i}` }))

function problemsOf(changes: Record<string, unknown>, surroundings = nobody): string[] {
  return found(checkFarm({ ...farmInput(), ...changes }, surroundings).problems)
}

describe('what is filled in from other fields', () => {
  it.each<[string, Partial<FarmInput>, Partial<FarmInput>]>([
    ['mode dsr is served by maglev', {}, { scheduler: 'maglev' }],
    ['mode snat is served by symhash', { mode: 'snat' }, { scheduler: 'symhash' }],
    ['mode stateless-dnat is served by symhash', { mode: 'stateless-dnat' }, { scheduler: 'symhash' }],
    ['persistence in mode dsr is served by symhash', { persistence: ['srcip'] }, { scheduler: 'symhash' }],
    ['a scheduler that is named stays', { scheduler: 'hash' }, { scheduler: 'hash' }],
    ['64 backends have the small table', { backends: many.slice(1) }, { slots: 4093 }],
    ['65 backends have the large table', { backends: many }, { slots: 65537 }],
    ['a size that is named stays', { backends: many, slots: 4093 }, { slots: 4093 }],
  ])('%s', (_, changes, expected) => {
    expect(farm(changes)).toMatchObject(expected)
  })

  it('a document of an earlier version is read with the scheduler that it names', () => {
    const { additionalVips: _vips, slots: _slots, handoverPeriod: _period, handoverSize: _size, ...old } = farm({ scheduler: 'symhash' })
    expect(desiredSchema.parse({ generation: 3, farms: [old] }).farms).toEqual([farm({ scheduler: 'symhash' })])
  })

  it('never changes what is there, valid or not', () => {
    const given = { mode: 'tunnel', scheduler: null, slots: '7', backends: 3, monitor: 'none' }
    expect(withDefaults(given)).toEqual(given)
    expect(problemsOf({ mode: 'tunnel', additionalVips: ['203.0.113.8'] })).toEqual(['/mode value-invalid'])
  })
})

describe('additional VIPs', () => {
  it('are a set in ascending order, each printed canonically', () => {
    expect(farm({ additionalVips: ['203.0.113.100', '203.0.113.9', '203.0.113.9'] }).additionalVips).toEqual(['203.0.113.9', '203.0.113.100'])
    const six = farm({ vip: '2001:db8::7', additionalVips: ['2001:db8::10', '2001:DB8:0::9'], backends: [] })
    expect(six.additionalVips).toEqual(['2001:db8::9', '2001:db8::10'])
    expect(checkFarm(six, nobody)).toEqual({ farm: six, problems: [] })
  })

  it.each<[string, Record<string, unknown>, string[]]>([
    ['outside maglev', { scheduler: 'symhash', additionalVips: ['203.0.113.8'] }, ['/additionalVips additional-vips-need-maglev']],
    ['outside dsr', { mode: 'snat', additionalVips: ['203.0.113.8'] }, ['/additionalVips additional-vips-need-maglev']],
    ['of another family', { additionalVips: ['203.0.113.8', '2001:db8::8'] }, ['/additionalVips/1 family-mixed']],
    ['that repeat the VIP', { additionalVips: ['203.0.113.9', '203.0.113.7'] }, ['/additionalVips/1 additional-vip-is-vip']],
    ['that are the address of a backend', { additionalVips: ['203.0.113.22'] }, ['/backends/1/address backend-is-vip']],
    ['that are no addresses', { additionalVips: ['203.0.113.8', 'x'] }, ['/additionalVips/1 address-invalid']],
    ['that are no addresses beside others that are wrong', { additionalVips: ['x', '203.0.113.7', '203.0.113.22'] }, ['/additionalVips/0 address-invalid', '/additionalVips/1 additional-vip-is-vip', '/backends/1/address backend-is-vip']],
    ['that are too many', { additionalVips: Array.from({ length: 16 }, (_, i) => `203.0.113.${100 + i}`) }, ['/additionalVips too-big']],
    ['that are fifteen', { additionalVips: Array.from({ length: 15 }, (_, i) => `203.0.113.${100 + i}`) }, []],
    ['that are no list', { additionalVips: '203.0.113.8' }, ['/additionalVips type-invalid']],
  ])('%s', (_, changes, expected) => {
    expect(problemsOf(changes)).toEqual(expected)
  })

  it.each<[string, Partial<FarmInput>, Partial<FarmInput>, string[]]>([
    ['the VIP of another farm', { additionalVips: ['203.0.113.9', '203.0.113.8'] }, { vip: '203.0.113.8' }, ['/additionalVips/1 vip-port-taken']],
    ['an additional VIP of another farm as the VIP', {}, { vip: '203.0.113.8', additionalVips: ['203.0.113.7'] }, ['/ports vip-port-taken']],
    ['an additional VIP of another farm', { additionalVips: ['203.0.113.9'] }, { vip: '203.0.113.8', additionalVips: ['203.0.113.9'] }, ['/additionalVips/0 vip-port-taken']],
    ['two VIPs of another farm', { additionalVips: ['203.0.113.8'] }, { additionalVips: ['203.0.113.8'] }, ['/ports vip-port-taken', '/additionalVips/0 vip-port-taken']],
    ['an additional VIP of another farm with other ports', { ports: ['443'], additionalVips: ['203.0.113.9'] }, { vip: '203.0.113.8', additionalVips: ['203.0.113.9'] }, []],
    ['none of the VIPs of another farm', { additionalVips: ['203.0.113.9'] }, { vip: '203.0.113.8', additionalVips: ['203.0.113.10'] }, []],
    ['an additional VIP that another farm has on another interface', { ports: ['443'], interface: 'eth0', additionalVips: ['203.0.113.9'] }, { interface: 'eth1', vip: '203.0.113.8', additionalVips: ['203.0.113.9'] }, ['/interface vip-interface-differs']],
  ])('%s', (_, changes, other, expected) => {
    expect(problemsOf(changes, { others: [farm({ name: 'other', backends: [], ...other })], interfaces: null })).toEqual(expected)
  })

  it.each<[string, Partial<FarmInput>, string[]]>([
    ['in the subnet of the VIP', { additionalVips: ['203.0.113.9'] }, []],
    ['in the subnet of another interface', { additionalVips: ['203.0.113.9', '198.51.100.9'] }, ['/additionalVips/1 vip-off-subnet']],
    ['of the other family, which is said once', { additionalVips: ['2001:db8::9'] }, ['/additionalVips/0 family-mixed']],
    ['in no subnet', { additionalVips: ['192.0.2.9'] }, ['/additionalVips/0 vip-off-subnet']],
    ['in no subnet, routed to the interface that is given', { interface: 'eth0', additionalVips: ['192.0.2.9'] }, []],
  ])('%s', (_, changes, expected) => {
    expect(problemsOf(changes, { others: [], interfaces: [eth0, eth1] })).toEqual(expected)
  })
})

describe('scheduler maglev', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['in mode snat', { mode: 'snat', scheduler: 'maglev' }, ['/scheduler maglev-needs-dsr']],
    ['in mode stateless-dnat', { mode: 'stateless-dnat', scheduler: 'maglev' }, ['/scheduler maglev-needs-dsr']],
    ['with persistence', { scheduler: 'maglev', persistence: ['srcip'] }, ['/persistence maglev-persistence']],
    ['with hash input that is the same for all clients', { hashInput: ['dstip', 'dstport'] }, ['/hashInput no-client-token']],
    ["with the client's MAC", { hashInput: ['srcip', 'srcmac'] }, ['/hashInput dsr-srcmac']],
    ['with ports of all protocols', { protocol: 'all', ports: [], hashInput: ['srcip', 'srcport', 'dstport'] }, []],
    ['with a table of another size', { slots: 4096 }, ['/slots value-invalid']],
    ['with a table size in words', { slots: '4093' }, ['/slots value-invalid']],
    ['with no handover', { handoverPeriod: 0, handoverSize: 0 }, ['/handoverPeriod too-small', '/handoverSize too-small']],
    ['with an endless handover', { handoverPeriod: 86_401, handoverSize: 1_048_577 }, ['/handoverPeriod too-big', '/handoverSize too-big']],
    ['with half a second', { handoverPeriod: 1.5 }, ['/handoverPeriod type-invalid']],
  ])('%s', (_, changes, expected) => {
    expect(problemsOf(changes)).toEqual(expected)
  })

  it('hash reads the ports of TCP alone, as before', () => {
    expect(problemsOf({ scheduler: 'hash', protocol: 'all', ports: [] })).toEqual(['/hashInput ports-need-protocol'])
  })

  it('every refusal comes with a message and a hint', () => {
    const { problems } = checkFarm({ ...farmInput(), mode: 'snat', scheduler: 'maglev', persistence: ['srcip'], additionalVips: ['2001:db8::8', '203.0.113.7', '203.0.113.21'], slots: 1, handoverPeriod: 0, handoverSize: 2e6 }, nobody)
    expect(problems).toHaveLength(8)
    for (const { message, hint } of problems) expect(Math.min(message.length, hint.length)).toBeGreaterThan(10)
  })
})
