import { describe, expect, test } from 'vitest'
import { echoFrame, frameLength, questionFrame } from '#agent/doctor/frames.ts'
import { portsToAsk, questionsOf, vipEchoesOf } from '#agent/doctor/questions.ts'
import type { FarmInput } from '#lib/domain/farm.ts'
import { farm } from '../../domain/farms.ts'

const eth0 = { name: 'eth0', mac: '52:54:00:00:00:01', up: true, mtu: 1500, addresses: [{ address: '203.0.113.2', prefix: 24 }] }
const own = { mac: eth0.mac, source: '2001:db8::2' }

/** What web1 is asked, as `path address port type`. */
function asked(input: Partial<FarmInput>, addresses = 4): string[] {
  const wanted = farm(input)
  const [web1] = wanted.backends
  if (!web1) throw new Error('There is no backend.')
  return questionsOf(wanted, web1, eth0, '52:54:00:00:00:11', portsToAsk(wanted, addresses).asked).map(({ path, address, port, monitor }) => `${path} ${address} ${port} ${monitor.type}`)
}

describe('what a backend is asked', () => {
  test('is the question of the monitor first, and every other port at every address', () => {
    expect(asked({ ports: ['80', '443'], monitor: { type: 'http', port: 443, path: '/up' } })).toEqual(['rip 203.0.113.21 443 http', 'rip 203.0.113.21 80 tcp', 'vip 203.0.113.7 443 http', 'vip 203.0.113.7 80 tcp'])
  })

  test('is a connection where the monitor only looks for the machine, or where there is none', () => {
    for (const monitor of [{ type: 'icmp' }, { type: 'arp' }, null] as const) expect(asked({ monitor })).toEqual(['rip 203.0.113.21 80 tcp', 'vip 203.0.113.7 80 tcp'])
  })

  test('is an echo and an empty datagram where nothing is known of a service over UDP', () => {
    expect(asked({ protocol: 'udp', ports: ['53'], monitor: null })).toEqual(['rip 203.0.113.21 null icmp', 'rip 203.0.113.21 53 udp', 'vip 203.0.113.7 null icmp', 'vip 203.0.113.7 53 udp'])
  })

  test('is its own port alone where the appliance translates to it', () => {
    expect(asked({ mode: 'snat', ports: ['80', '81'], backends: [{ name: 'web1', address: '203.0.113.21', port: 8080 }] })).toEqual(['rip 203.0.113.21 8080 tcp'])
    const nat = farm({ mode: 'snat' })
    expect(nat.backends.flatMap((backend) => vipEchoesOf(nat, backend, eth0, null))).toEqual([])
  })

  test('of a range the ends and the middle, and fewer ports the more addresses there are', () => {
    expect(portsToAsk(farm({ ports: ['80', '8000-8010'] }), 4)).toEqual({ asked: [80, 8000, 8005, 8010], of: 12 })
    expect(portsToAsk(farm({ ports: ['80', '8000-8010'] }), 2000)).toEqual({ asked: [80, 8000], of: 12 })
    expect(portsToAsk(farm({ ports: [] }), 4)).toEqual({ asked: [], of: 65535 })
  })
})

describe('frames', () => {
  test('ask over IPv4 in nobody\'s name, so that no cache learns from them', () => {
    const frame = questionFrame('203.0.113.7', own)
    expect(frame).toHaveLength(frameLength)
    expect(frame.subarray(0, 42).toString('hex')).toBe('ffffffffffff' + '525400000001' + '0806' + '0001080006040001' + '525400000001' + '00000000' + '000000000000' + 'cb007107')
  })

  test('ask over IPv6 the group of the address, with a checksum that is right', () => {
    const frame = questionFrame('2001:db8::107', own)
    expect(frame.subarray(0, 14).toString('hex')).toBe('3333ff000107' + '525400000001' + '86dd')
    expect(frame.readUInt8(14 + 7)).toBe(255)
    expect(sumOf(Buffer.concat([frame.subarray(22, 54), Buffer.from([0, 0, 0, 32, 0, 0, 0, 58]), frame.subarray(54, 86)]))).toBe(0xffff)
  })

  test('echo from another network in frames of traffic', () => {
    const four = echoFrame('203.0.113.21', '52:54:00:00:00:11', eth0.mac)
    expect(four.subarray(0, 14).toString('hex')).toBe('525400000011' + '525400000001' + '0800')
    expect([...four.subarray(26, 34)]).toEqual([198, 19, 255, 254, 203, 0, 113, 21])
    expect(sumOf(four.subarray(14, 34))).toBe(0xffff)
    expect(sumOf(four.subarray(34, 14 + four.readUInt16BE(16)))).toBe(0xffff)
    expect(echoFrame('2001:db8::21', '52:54:00:00:00:11', eth0.mac).readUInt8(54)).toBe(128)
  })
})

/** The one's complement sum, which is all ones over a packet with its checksum (RFC 1071). */
function sumOf(bytes: Buffer): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum
}
