import { describe, expect, it } from 'vitest'
import { openTally } from '#agent/probe/tally.ts'
import { laneMark, laneNetwork, openWays, standIn, type Way } from '#agent/probe/ways.ts'
import { inSubnet } from '#lib/domain/address.ts'

const way = (vip: string, mac = '02:00:00:00:00:01', source = '203.0.113.2', iface = 'eth0'): Way => ({ interface: iface, source, mac, vip })
const six = (vip: string): Way => way(vip, '02:00:00:00:00:01', '2001:db8::2')

describe('ways', () => {
  it('are told as added once, whoever holds them, and as removed when the last lets go', () => {
    const ways = openWays()
    const first = ways.hold(way('203.0.113.7'))
    expect(ways.hold(way('203.0.113.7')).number).toBe(first.number)
    expect(ways.changes().added).toEqual([first])
    ways.release(way('203.0.113.7'))
    expect(ways.changes()).toMatchObject({ added: [], removed: [] })
    ways.release(way('203.0.113.7'))
    expect(ways.changes()).toEqual({ added: [], removed: [first], lanes: [] })
  })

  it('are told of neither when they come and go between two looks', () => {
    const ways = openWays()
    ways.hold(way('203.0.113.7'))
    ways.release(way('203.0.113.7'))
    expect(ways.changes()).toEqual({ added: [], removed: [], lanes: [] })
  })

  it('have a number each, and a lane per interface and own address', () => {
    const ways = openWays()
    const held = [way('203.0.113.7'), way('203.0.113.8'), way('203.0.113.7', '02:00:00:00:00:02'), way('198.51.100.7', '02:00:00:00:00:01', '198.51.100.2'), way('203.0.113.7', '02:00:00:00:00:01', '203.0.113.2', 'eth1'), six('2001:db8::7')].map(ways.hold)
    expect(new Set(held.map(({ number }) => number)).size).toBe(6)
    expect(held.map(({ lane }) => lane)).toEqual([1, 1, 1, 2, 3, 4])
    expect(ways.changes().lanes.map(({ number }) => number)).toEqual([1, 2, 3, 4])
  })

  it('do not get a number again that was just let go, which the kernel may still remember', () => {
    const ways = openWays()
    const numbers = Array.from({ length: 1000 }, () => {
      const { number } = ways.hold(way('203.0.113.7'))
      ways.hold(way('203.0.113.9'))
      ways.release(way('203.0.113.7'))
      return number
    })
    expect(new Set(numbers).size).toBe(1000)
  })

  it('are all told again to a namespace that is new', () => {
    const ways = openWays()
    const kept = ways.hold(way('203.0.113.7'))
    ways.hold(way('203.0.113.8'))
    ways.changes()
    ways.release(way('203.0.113.8'))
    ways.renew()
    expect(ways.changes()).toMatchObject({ added: [kept], removed: [] })
  })
})

describe('stand-ins', () => {
  it('lie in the network of their lane and in no other', () => {
    const ways = openWays()
    const held = [way('203.0.113.7'), way('198.51.100.7', '02:00:00:00:00:01', '198.51.100.2'), six('2001:db8::7')].map(ways.hold)
    for (const one of held) {
      const homes = ways.changes().lanes.filter((lane) => {
        const [network = '', prefix] = laneNetwork(lane).split('/')
        return inSubnet(standIn(one), network, Number(prefix))
      })
      expect(homes.map(({ number }) => number)).toEqual([one.lane])
    }
  })

  it('are of a network that nobody uses', () => {
    for (const number of [1, 0xfffff, (1 << 20) + 1, (254 << 20) + 0xfffff]) {
      expect(inSubnet(standIn({ number, source: '203.0.113.2' }), '240.0.0.0', 4)).toBe(true)
      expect(inSubnet(standIn({ number, source: '2001:db8::2' }), '100::', 64)).toBe(true)
    }
  })

  it('are marked with their number, of which the lane has the upper bits', () => {
    const ways = openWays()
    const { number } = ways.hold(way('203.0.113.7'))
    const [lane] = ways.changes().lanes
    const [value, mask] = (lane ? laneMark(lane) : '').split('/').map(Number)
    expect(number & (mask ?? 0)).toBe(value)
  })
})

describe('a tally', () => {
  it('tells what came and went between two looks', () => {
    const tally = openTally()
    tally.need('a')
    tally.need('a')
    tally.need('b')
    expect(tally.changes()).toEqual({ added: ['a', 'b'], removed: [] })
    tally.spare('a')
    tally.spare('b')
    tally.need('c')
    tally.spare('c')
    expect(tally.changes()).toEqual({ added: [], removed: ['b'] })
    tally.spare('a')
    tally.need('a')
    expect(tally.changes()).toEqual({ added: [], removed: [] })
  })
})
