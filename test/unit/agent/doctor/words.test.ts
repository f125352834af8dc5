import { afterEach, describe, expect, test, vi } from 'vitest'
import { whoIsWho } from '#agent/doctor/who.ts'
import { heardAbout, leakFaults, remember, type Spoken } from '#agent/doctor/words.ts'
import type { Farm } from '#lib/domain/farm.ts'
import { farm } from '../../domain/farms.ts'

const now = 1_000_000
const eth0 = { name: 'eth0', mac: '52:54:00:00:00:01', up: true, mtu: 1500, addresses: [{ address: '203.0.113.2', prefix: 24 }] }
const eth9 = { ...eth0, name: 'eth9', mac: '52:54:00:00:00:09' }
const [web1, web2, stranger] = ['52:54:00:00:00:11', '52:54:00:00:00:12', '52:54:00:00:00:99']
const macs: Record<string, string> = { '203.0.113.21': web1, '203.0.113.22': web2 }
const [web, mail] = [farm(), farm({ name: 'mail', vip: '203.0.113.8' })]
const madeUp = (index: number): string => `06:00:00:00:${[index >> 8, index & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`

const said = (address: string, mac: string, what: Spoken['what'] = 'answer', at = now): Spoken => ({ address, mac, at, what })
const who = (farms: readonly Farm[]) => whoIsWho(farms.map((one) => ({ farm: one, iface: eth0 })), [eth0, eth9], (address) => macs[address] ?? null)
const faults = (words: readonly Spoken[], { time = now, farms = [web, mail] }: { time?: number; farms?: readonly Farm[] } = {}) => leakFaults(words, time, () => who(farms)).map(({ farm: about, backend, detail }) => ({ farm: about, backend, detail }))

describe('who speaks in the name of a VIP', () => {
  test('is a fault of the farm that has the VIP, also when the machine serves others', () => {
    expect(faults([said('203.0.113.8', web1), said('203.0.113.8', web1, 'question')])).toEqual([{ farm: 'mail', backend: 'web1', detail: `${web1}, which is backend web1 of farm mail, answers for 203.0.113.8.` }])
  })

  test('is named with its own farm when it is no backend of that one', () => {
    const elsewhere = farm({ name: 'mail', vip: '203.0.113.8', backends: [{ name: 'mx1', address: '203.0.113.31' }] })
    expect(faults([said('203.0.113.8', web1, 'question')], { farms: [web, elsewhere] })).toEqual([{ farm: 'mail', backend: null, detail: `${web1}, which is backend web1 of farm web, asks for other machines in the name of 203.0.113.8.` }])
  })

  test('is one fault for each farm, with the backends first, a few machines by name and the others by their number', () => {
    const strangers = Array.from({ length: 40 }, (_, index) => said('203.0.113.7', madeUp(index)))
    expect(faults([...strangers, said('203.0.113.7', web1), said('203.0.113.8', stranger)])).toEqual([
      { farm: 'web', backend: null, detail: `${web1}, which is backend web1 of farm web, answers for 203.0.113.7; ${madeUp(0)} answers for 203.0.113.7; ${madeUp(1)} answers for 203.0.113.7; 38 more machines do so too.` },
      { farm: 'mail', backend: null, detail: `${stranger} answers for 203.0.113.8.` },
    ])
  })

  test('is no fault when it is a card of the appliance', () => {
    expect(faults([said('203.0.113.7', eth0.mac), said('203.0.113.7', eth9.mac)])).toEqual([])
  })

  test('is no fault any more five minutes after the last word', () => {
    const words = [said('203.0.113.7', web1), said('203.0.113.8', stranger, 'answer', now - 290_000)]
    expect(faults(words, { time: now + 9_000 }).map((one) => one.farm)).toEqual(['web', 'mail'])
    expect(faults(words, { time: now + 20_000 }).map((one) => one.farm)).toEqual(['web'])
    expect(faults(words, { time: now + 300_000 })).toEqual([])
  })

  test('buries no other fault and looks at the farms once, however many made-up machines speak for however many VIPs', () => {
    const farms = Array.from({ length: 200 }, (_, index) => farm({ name: `farm${index}`, vip: `198.51.100.${index + 1}` }))
    const words = farms.flatMap((one) => Array.from({ length: 20 }, (_, index) => said(one.vip, madeUp(index))))
    let looked = 0
    const found = leakFaults(words, now, () => {
      looked += 1
      return who(farms)
    })
    expect(looked).toBe(1)
    expect(found).toHaveLength(21)
    expect(found.at(-1)).toMatchObject({ farm: null, detail: 'Somebody speaks in the name of the VIPs of 180 more farms.' })
    expect(JSON.stringify(found).length).toBeLessThan(20_000)
  })
})

describe('what an examination heard', () => {
  afterEach(() => void vi.useRealTimers())
  const heard = (words: readonly Spoken[], begun: number) => heardAbout({ farm: web, iface: eth0 }, words, begun, who([web, mail])).map(({ mac, what, backend, own }) => ({ mac, what, backend: backend && `${backend.farm}/${backend.name}`, own }))

  test('are answers since it began and all questions, about the VIPs of its farm', () => {
    const words = [said('203.0.113.7', web1), said('203.0.113.7', stranger, 'answer', now - 1), said('203.0.113.7', stranger, 'question', now - 9000), said('203.0.113.8', stranger)]
    expect(heard(words, now)).toEqual([{ mac: web1, what: 'answer', backend: 'web/web1', own: null }, { mac: stranger, what: 'question', backend: null, own: null }])
  })

  test('is nothing from the interface of the farm, and answers of another card of the appliance', () => {
    expect(heard([said('203.0.113.7', eth0.mac), said('203.0.113.7', eth9.mac), said('203.0.113.7', eth9.mac, 'question')], now)).toEqual([{ mac: eth9.mac, what: 'answer', backend: null, own: 'eth9' }])
  })

  test('is the same when somebody sets the clock meanwhile, and told in the new time', () => {
    const begun = performance.now()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 })
    const [one] = heardAbout({ farm: web, iface: eth0 }, [said('203.0.113.7', web1, 'answer', begun + 1)], begun, who([web]))
    expect(Math.abs(Date.parse(one?.at ?? '') - Date.now())).toBeLessThan(1000)
  })
})

describe('what is remembered', () => {
  test('are the newest words, each once, and few', () => {
    const flood = Array.from({ length: 4000 }, (_, index) => said('203.0.113.7', madeUp(index), 'answer', now - 4000 + index))
    const words = remember([said('203.0.113.7', web1, 'answer', now - 60_000)], [...flood, said('203.0.113.7', web1)], now)
    expect(words).toHaveLength(256)
    expect(words[0]).toEqual(said('203.0.113.7', web1))
    expect(words.filter(({ mac }) => mac === web1)).toHaveLength(1)
    expect(words.at(-1)?.at).toBeGreaterThan(now - 300)
  })

  test('are the words of a day', () => {
    expect(remember([said('203.0.113.7', web1, 'question', now - 86_400_001), said('203.0.113.7', web2, 'question', now - 86_399_999)], [], now).map(({ mac }) => mac)).toEqual([web2])
  })
})
