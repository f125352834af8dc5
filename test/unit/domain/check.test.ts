import { describe, expect, it } from 'vitest'
import { checkFarm } from '#lib/domain/check.ts'
import type { FarmInput } from '#lib/domain/farm.ts'
import type { Interface } from '#lib/domain/interface.ts'
import { farm, farmInput, found, nobody } from './farms.ts'

const eth0: Interface = { name: 'eth0', mac: '52:54:00:00:00:01', up: true, mtu: 1500, addresses: [{ address: '203.0.113.2', prefix: 24 }] }
const eth1: Interface = { ...eth0, name: 'eth1', mac: '52:54:00:00:00:02', addresses: [{ address: '198.51.100.2', prefix: 24 }] }

function problemsOf(changes: Record<string, unknown>, surroundings = nobody): string[] {
  return found(checkFarm({ ...farmInput(), ...changes }, surroundings).problems)
}

describe('a farm that is accepted', () => {
  it('comes back with every default filled in', () => {
    expect(farm()).toMatchObject({ mode: 'dsr', delivery: 'l2', additionalVips: [], protocol: 'tcp', scheduler: 'maglev', hashInput: ['srcip', 'srcport'], slots: 4093, handoverPeriod: 3600, handoverSize: 65_536, persistence: [], persistenceTtl: 60, interface: null, adminState: 'enabled' })
    expect(farm().backends[0]).toEqual({ name: 'web1', address: '203.0.113.21', port: null, mac: null, weight: 1, priority: 1, adminState: 'enabled', monitor: null })
  })

  it('is the same whatever order its sets were written in', () => {
    const one = farm({ ports: ['443', '80'], persistence: ['srcport', 'srcip'] })
    const other = farm({ ports: ['80', '443'], persistence: ['srcip', 'srcport'], backends: [...(farmInput().backends ?? [])].reverse() })
    expect(one).toEqual(other)
  })

  it('is unchanged when what was answered is sent again', () => {
    const once = farm({ vip: '2001:DB8:0::7', ports: ['8000-8010', '8005-8020', '80'], backends: [{ name: 'a', address: '2001:db8::A', mac: '52-54-00-AA-BB-CC' }] })
    expect(checkFarm(once, nobody)).toEqual({ farm: once, problems: [] })
    expect(once).toMatchObject({ vip: '2001:db8::7', ports: ['80', '8000-8020'] })
    expect(once.backends[0]).toMatchObject({ address: '2001:db8::a', mac: '52:54:00:aa:bb:cc' })
  })

  it('sorts web2 before web10', () => {
    const names = farm({ backends: [{ name: 'web10', address: '203.0.113.30' }, { name: 'web2', address: '203.0.113.22' }] }).backends.map(({ name }) => name)
    expect(names).toEqual(['web2', 'web10'])
  })
})

describe('single fields that are refused', () => {
  it.each([
    ['ports', '80', 'This must be a list.'],
    ['backends', {}, 'This must be a list.'],
    ['vip', 5, 'This must be a text.'],
    ['handoverPeriod', 1.5, 'This must be a whole number.'],
    ['persistenceTtl', null, 'This must be a number.'],
  ])('%s of another type, in words of this product', (field, value, message) => {
    const { problems } = checkFarm({ ...farmInput(), [field]: value } as FarmInput, nobody)
    expect(problems).toContainEqual({ pointer: `/${field}`, code: 'type-invalid', message, hint: expect.stringMatching(/\.$/) })
  })

  it.each(['We b', 'a b', 'web;rm', '../etc', 'a"b', "a'b", '', '-web', 'web-', 'wéb', 'a'.repeat(64), 'a'.repeat(200), 'web\n'])('name %j', (name) => {
    expect(problemsOf({ name })).toEqual(['/name name-invalid'])
  })

  it.each(['0', '65536', '80-70', '80 ', 'http', '-1', '1-', '080', '1-99999999', ''])('port %j', (port) => {
    expect(problemsOf({ ports: [port] })).toEqual(['/ports/0 port-invalid'])
  })

  it.each([
    ['300.1.1.1', 'address-invalid'],
    ['10.0.0.010', 'address-invalid'],
    ['10.1', 'address-invalid'],
    ['fe80::1%eth0', 'address-invalid'],
    ['203.0.113.7/24', 'address-invalid'],
    ['0.0.0.0', 'address-not-unicast'],
    ['0.1.2.3', 'address-not-unicast'],
    ['127.0.0.1', 'address-not-unicast'],
    ['224.0.0.1', 'address-not-unicast'],
    ['255.255.255.255', 'address-not-unicast'],
    ['169.254.1.1', 'address-not-unicast'],
    ['::', 'address-not-unicast'],
    ['::1', 'address-not-unicast'],
    ['fe80::1', 'address-not-unicast'],
    ['ff02::1', 'address-not-unicast'],
    ['::ffff:203.0.113.7', 'address-not-unicast'],
  ])('VIP %s is %s', (vip, code) => {
    expect(problemsOf({ vip, backends: [] })).toEqual([`/vip ${code}`])
  })

  it.each(['00:00:00:00:00:00', '01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', '52:54:00:12:34', 'x'])('MAC %s', (mac) => {
    expect(problemsOf({ backends: [{ name: 'a', address: '203.0.113.21', mac }] })).toEqual(['/backends/0/mac mac-invalid'])
  })

  it('unknown keys, on the farm and on a backend', () => {
    expect(problemsOf({ colour: 'red', backends: [{ name: 'a', address: '203.0.113.21', speed: 1 }] })).toEqual(['/colour unknown-key', '/backends/0/speed unknown-key'])
  })

  it('what is missing is named', () => {
    expect(found(checkFarm({}, nobody).problems)).toEqual(['/name required', '/vip required'])
  })

  it.each([null, [], 'web', 3])('%j is no farm', (input) => {
    expect(found(checkFarm(input, nobody).problems)).toEqual([' type-invalid'])
  })
})

const six: Partial<FarmInput> = { vip: '2001:db8::7', backends: [{ name: 'a', address: '2001:db8::21' }] }

describe('combinations that cannot work', () => {
  it.each<[string, Partial<FarmInput>, string[]]>([
    ['round-robin on TCP in mode dsr', { scheduler: 'round-robin' }, ['/scheduler scheduler-per-packet']],
    ['weighted on SCTP in mode dsr', { scheduler: 'weighted', protocol: 'sctp' }, ['/scheduler scheduler-per-packet']],
    ['round-robin on all protocols in mode dsr', { scheduler: 'round-robin', protocol: 'all', ports: [] }, ['/scheduler scheduler-per-packet']],
    ['round-robin on TCP in stateless DNAT', { scheduler: 'round-robin', mode: 'stateless-dnat' }, ['/scheduler scheduler-per-packet']],
    ['round-robin on UDP in mode dsr', { scheduler: 'round-robin', protocol: 'udp' }, []],
    ['round-robin with persistence', { scheduler: 'round-robin', persistence: ['srcip', 'srcport'] }, []],
    ['round-robin in mode snat', { scheduler: 'round-robin', mode: 'snat' }, []],
    ['another backend port in mode dsr', { backends: [{ name: 'a', address: '203.0.113.21', port: 8080 }] }, ['/backends/0/port dsr-port-translation']],
    ['the VIP port as backend port in mode dsr', { backends: [{ name: 'a', address: '203.0.113.21', port: 80 }] }, []],
    ['a backend port with several VIP ports in mode dsr', { ports: ['80', '81'], backends: [{ name: 'a', address: '203.0.113.21', port: 80 }] }, ['/backends/0/port dsr-port-translation']],
    ['every port in stateless DNAT', { mode: 'stateless-dnat', ports: [] }, ['/ports stateless-needs-ports']],
    ['another backend port in stateless DNAT', { mode: 'stateless-dnat', backends: [{ name: 'a', address: '203.0.113.21', port: 8080 }] }, ['/backends/0/port stateless-port-translation']],
    ['another backend port in mode snat', { mode: 'snat', backends: [{ name: 'a', address: '203.0.113.21', port: 8080 }] }, []],
    ['a port on only some backends', { mode: 'snat', backends: [{ name: 'a', address: '203.0.113.21', port: 8080 }, { name: 'b', address: '203.0.113.22' }] }, ['/backends/1/port backend-port-mixed']],
    ['an IPv6 backend behind an IPv4 VIP', { backends: [{ name: 'a', address: '2001:db8::21' }] }, ['/backends/0/address family-mixed']],
    ['the VIP as a backend', { backends: [{ name: 'a', address: '203.0.113.7' }] }, ['/backends/0/address backend-is-vip']],
    ['two backends of one name', { backends: [{ name: 'a', address: '203.0.113.21' }, { name: 'a', address: '203.0.113.22' }] }, ['/backends/1/name backend-name-taken']],
    ['two backends of one address', { backends: [{ name: 'a', address: '203.0.113.21' }, { name: 'b', address: '203.0.113.21' }] }, ['/backends/1/address backend-address-taken']],
    ['one address with two ports in mode snat', { mode: 'snat', backends: [{ name: 'a', address: '203.0.113.21', port: 1 }, { name: 'b', address: '203.0.113.21', port: 2 }] }, []],
    ['persistence by port with all protocols', { protocol: 'all', ports: [], persistence: ['srcip', 'srcport'] }, ['/persistence ports-need-protocol']],
    ['persistence by destination alone', { persistence: ['dstip'] }, ['/persistence no-client-token']],
    ['persistence by MAC in mode dsr', { persistence: ['srcmac'] }, ['/persistence dsr-srcmac']],
    ['persistence by an IPv6 address and a port', { ...six, persistence: ['srcip', 'srcport'] }, ['/persistence persistence-too-wide']],
    ['persistence by two IPv6 addresses', { ...six, persistence: ['srcip', 'dstip'] }, ['/persistence persistence-too-wide']],
    ['persistence by an IPv6 address alone', { ...six, persistence: ['srcip'] }, []],
    ['persistence by both ports in IPv6', { ...six, persistence: ['srcport', 'dstport'] }, []],
    ['persistence by everything', { mode: 'snat', persistence: ['srcip', 'dstip', 'srcport', 'dstport', 'srcmac'] }, ['/persistence persistence-too-wide']],
    ['persistence by everything but one', { mode: 'snat', persistence: ['srcip', 'dstip', 'srcport', 'dstport'] }, []],
    ['hash input by destination alone', { scheduler: 'hash', hashInput: ['dstport'] }, ['/hashInput no-client-token']],
    ['hash input that no scheduler reads', { scheduler: 'symhash', hashInput: ['dstport'] }, []],
  ])('%s', (_, changes, expected) => {
    expect(problemsOf(changes)).toEqual(expected)
  })

  it('are all answered at once, beside fields that are malformed', () => {
    const backends = [{ name: 'a', address: '2001:db8::21', port: 81 }, { name: 'a', address: 'nonsense' }]
    expect(problemsOf({ name: 'We b', scheduler: 'round-robin', backends })).toEqual(
      expect.arrayContaining(['/name name-invalid', '/backends/1/address address-invalid', '/backends/0/address family-mixed', '/backends/1/name backend-name-taken', '/backends/0/port dsr-port-translation', '/scheduler scheduler-per-packet']),
    )
  })

  it('each come with a hint', () => {
    const { problems } = checkFarm({ ...farmInput(), name: '', scheduler: 'round-robin', vip: '1', ports: ['0'], extra: 1 }, nobody)
    expect(problems.length).toBeGreaterThan(3)
    for (const problem of problems) expect(problem.hint.length).toBeGreaterThan(5)
  })
})

describe('the appliance and its other farms', () => {
  it.each<[string, Partial<FarmInput>, Partial<FarmInput>, string[]]>([
    ['the same VIP, port and protocol', {}, {}, ['/ports vip-port-taken']],
    ['a range over the same port', { ports: ['70-90'] }, {}, ['/ports vip-port-taken']],
    ['all ports over one', { ports: [] }, {}, ['/ports vip-port-taken']],
    ['all protocols over one', { protocol: 'all' }, {}, ['/ports vip-port-taken']],
    ['another port', { ports: ['81'] }, {}, []],
    ['another protocol', { protocol: 'udp' }, {}, []],
    ['another VIP', { vip: '203.0.113.8' }, {}, []],
    ['a backend shared by two stateless farms', { mode: 'stateless-dnat', vip: '203.0.113.8' }, { mode: 'stateless-dnat' }, ['/backends/0/address stateless-backend-taken', '/backends/1/address stateless-backend-taken']],
    ['a backend shared by two DSR farms', { vip: '203.0.113.8' }, {}, []],
  ])('%s', (_, changes, other, expected) => {
    expect(problemsOf(changes, { others: [farm({ name: 'other', ...other })], interfaces: null })).toEqual(expected)
  })

  it('a farm never collides with its own former self', () => {
    expect(problemsOf({}, { others: [farm()], interfaces: null })).toEqual([])
    expect(problemsOf({ interface: 'eth0' }, { others: [farm({ interface: 'eth1' })], interfaces: [eth0, eth1] })).toEqual([])
  })

  it.each<[string, Partial<FarmInput>, Partial<FarmInput>, Interface[] | null, string[]]>([
    ['one VIP on two interfaces', { interface: 'eth0' }, { interface: 'eth1' }, [eth0, eth1], ['/interface vip-interface-differs']],
    ['one VIP on its own interface and on a given other', {}, { interface: 'eth1' }, [eth0, eth1], ['/interface vip-interface-differs']],
    ['one VIP on a given other interface and on its own', { interface: 'eth1', backends: [] }, {}, [eth0, eth1], ['/interface vip-interface-differs']],
    ['one VIP on its own interface, once given', { interface: 'eth0' }, {}, [eth0, eth1], []],
    ['one VIP beside a farm whose given interface is gone', {}, { interface: 'eth9' }, [eth0, eth1], ['/interface vip-interface-differs']],
    ['another VIP on another interface', { vip: '203.0.113.8', interface: 'eth0' }, { interface: 'eth1' }, [eth0, eth1], []],
    ['one VIP on two given interfaces that nobody knows', { interface: 'eth0' }, { interface: 'eth1' }, null, ['/interface vip-interface-differs']],
    ['one VIP on an interface that nobody knows, once given', { interface: 'eth0' }, {}, null, []],
  ])('%s', (_, changes, other, interfaces, expected) => {
    expect(problemsOf({ ports: ['443'], mode: 'snat', ...changes }, { others: [farm({ name: 'other', mode: 'snat', ...other })], interfaces })).toEqual(expected)
  })

  const pinned = (mac: string | null): FarmInput['backends'] => [{ name: 'a', address: '203.0.113.21', mac }]

  it.each<[string, Partial<FarmInput>, Partial<FarmInput>, string[]]>([
    ['another MAC for the same backend', { backends: pinned('52:54:00:00:00:11') }, { backends: pinned('52:54:00:00:00:12') }, ['/backends/0/mac mac-differs']],
    ['the same MAC, written in another way', { backends: pinned('52-54-00-00-00-AA') }, { backends: pinned('52:54:00:00:00:aa') }, []],
    ['a MAC that the other farm leaves to the agent', { backends: pinned('52:54:00:00:00:11') }, { backends: pinned(null) }, []],
    ['no MAC where the other farm has one', { backends: pinned(null) }, { backends: pinned('52:54:00:00:00:11') }, []],
    ['another MAC in a mode that has no use for it', { mode: 'snat', backends: pinned('52:54:00:00:00:11') }, { backends: pinned('52:54:00:00:00:12') }, []],
    ['another MAC than a farm has that has no use for it', { backends: pinned('52:54:00:00:00:11') }, { mode: 'dnat', backends: pinned('52:54:00:00:00:12') }, []],
  ])('%s', (_, changes, other, expected) => {
    expect(problemsOf({ vip: '203.0.113.8', ...changes }, { others: [farm({ name: 'other', ...other })], interfaces: null })).toEqual(expected)
  })

  it('the farm that has the VIP elsewhere is named with its interface', () => {
    const { problems } = checkFarm({ ...farmInput(), ports: ['443'], interface: 'eth0' }, { others: [farm({ name: 'other', interface: 'eth1' })], interfaces: null })
    expect(problems[0]?.message).toBe('Farm other has 203.0.113.7 on eth1, and a VIP can be on one interface only.')
  })

  it.each<[string, Partial<FarmInput>, string[]]>([
    ['a VIP in the subnet', {}, []],
    ['a VIP in no subnet and no interface', { vip: '198.51.100.7' }, ['/vip vip-off-subnet']],
    ['a routed VIP with the interface given', { vip: '198.51.100.7', interface: 'eth0' }, []],
    ['an interface that does not exist', { interface: 'eth9' }, ['/interface interface-unknown']],
    ['a DSR backend in another network', { backends: [{ name: 'a', address: '192.0.2.9' }] }, ['/backends/0/address backend-off-subnet']],
    ['a DSR VIP that is the only address of the appliance there', { vip: '203.0.113.2' }, ['/vip vip-is-appliance']],
    ['an SNAT VIP that is the only address of the appliance there', { vip: '203.0.113.2', mode: 'snat', scheduler: 'symhash' }, []],
    ['an SNAT backend in another network', { mode: 'snat', backends: [{ name: 'a', address: '192.0.2.9' }] }, []],
  ])('%s', (_, changes, expected) => {
    expect(problemsOf(changes, { others: [], interfaces: [eth0] })).toEqual(expected)
  })

  it.each([
    ['a second address in the subnet', { address: '203.0.113.7', prefix: 24 }],
    ['a host address that somebody added', { address: '203.0.113.7', prefix: 32 }],
  ])('a DSR VIP that the appliance has as %s', (_, address) => {
    expect(problemsOf({}, { others: [], interfaces: [{ ...eth0, addresses: [...eth0.addresses, address] }] })).toEqual([])
  })
})
