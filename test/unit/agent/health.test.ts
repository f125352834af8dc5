import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openHealth, type Health } from '#agent/health/health.ts'
import { openRemembered } from '#agent/health/remembered.ts'
import { askedOf } from '#agent/health/targets.ts'
import { openLog } from '#agent/log.ts'
import type { ProbeReason } from '#lib/domain/monitor.ts'
import type { ProbeResult, ProbeTarget } from '#agent/probe/target.ts'
import type { FarmInput } from '#lib/domain/farm.ts'
import { farm } from '../domain/farms.ts'

const log = openLog('silent')
const eth0 = { name: 'eth0', mac: '52:54:00:00:00:01', up: true, mtu: 1500, addresses: [{ address: '203.0.113.2', prefix: 24 }, { address: '2001:db8::2', prefix: 64 }] }
const macOf = (address: string): string | null => (address === '203.0.113.21' ? '52:54:00:00:00:21' : null)
const asked = (changes: Partial<FarmInput> = {}, mac = (_address: string): string | null => '52:54:00:00:00:21') => askedOf(farm(changes), [eth0], mac)

describe('what is asked', () => {
  const list = (changes: Partial<FarmInput>): string[] => asked(changes, macOf).map(({ target: { id, port, via } }) => `${id} ${port ?? '-'}${via ? ` ${via.mac} ${via.source}` : ''}`)
  const web1 = { name: 'web1', address: '203.0.113.21' }

  it.each<[string, Partial<FarmInput>, string[]]>([
    ['in mode dsr the own address and every VIP through the backend', { backends: [web1], additionalVips: ['203.0.113.8'] }, ['web/web1/rip/203.0.113.21 80', 'web/web1/vip/203.0.113.7 80 52:54:00:00:00:21 203.0.113.2', 'web/web1/vip/203.0.113.8 80 52:54:00:00:00:21 203.0.113.2']],
    ['without a known MAC there is no way to the VIP', { backends: [{ name: 'web2', address: '203.0.113.22' }] }, ['web/web2/rip/203.0.113.22 80', 'web/web2/vip/203.0.113.7 80']],
    ['never from a VIP, which backends have as well', { vip: '203.0.113.2', backends: [web1] }, ['web/web1/rip/203.0.113.21 80', 'web/web1/vip/203.0.113.2 80']],
    ['elsewhere the own address at its own port', { mode: 'snat', backends: [{ ...web1, port: 8080 }] }, ['web/web1/rip/203.0.113.21 8080']],
    ['the port of the monitor, before all others', { mode: 'snat', monitor: { type: 'tcp', port: 81 }, backends: [{ ...web1, port: 8080 }] }, ['web/web1/rip/203.0.113.21 81']],
    ['the first port of ranges', { ports: ['8000-8010', '9000'], monitor: { type: 'tcp', paths: 'rip' }, backends: [web1] }, ['web/web1/rip/203.0.113.21 8000', 'web/web1/vip/203.0.113.7 8000 52:54:00:00:00:21 203.0.113.2']],
    ['no port for an echo', { monitor: { type: 'icmp' }, mode: 'dnat', backends: [web1] }, ['web/web1/rip/203.0.113.21 -']],
    ['nobody for a VIP by ARP', { monitor: { type: 'arp' }, backends: [web1] }, ['web/web1/rip/203.0.113.21 -']],
    ['with addresses of their family', { vip: '2001:db8::7', backends: [{ name: 'web1', address: '2001:db8::21', mac: '52:54:00:00:00:21' }] }, ['web/web1/rip/2001:db8::21 80', 'web/web1/vip/2001:db8::7 80 52:54:00:00:00:21 2001:db8::2']],
    ['nothing of a disabled backend', { mode: 'snat', backends: [{ ...web1, adminState: 'disabled' }] }, []],
    ['nothing in a disabled farm', { adminState: 'disabled' }, []],
    ['nothing without a monitor, unless the backend has one', { mode: 'snat', monitor: null, backends: [web1, { name: 'web2', address: '203.0.113.22', monitor: { type: 'icmp' } }] }, ['web/web2/rip/203.0.113.22 -']],
  ])('%s', (_, changes, expected) => {
    expect(list(changes)).toEqual(expected)
  })
})

describe('verdicts', () => {
  let folder = ''
  let health: Health
  let find: (result: ProbeResult) => void
  const watched = new Map<string, string[]>()
  const changed: string[] = []
  let trouble: string | null = null

  /** A prober that asks nobody: the test says what it finds. */
  async function open(): Promise<void> {
    health = await openHealth({
      open: async (result) => {
        find = result
        return {
          watch: (name: string, targets: readonly ProbeTarget[]) => void watched.set(name, targets.map(({ id }) => id)),
          once: ({ id }) => Promise.resolve({ id, at: 0, ms: 0, reason: null, detail: '' }),
          state: () => ({ missed: 0, trouble }),
          stop: () => Promise.resolve(),
        }
      },
      remembered: await openRemembered(folder, log),
      changed: (name) => changed.push(name),
      seen: () => undefined,
      log,
    })
  }

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] })
    folder = mkdtempSync(join(tmpdir(), 'tangent-health-'))
    changed.length = 0
    trouble = null
    watched.clear()
    await open()
  })
  afterEach(async () => {
    await health.stop()
    vi.useRealTimers()
    rmSync(folder, { recursive: true, force: true })
  })

  /** One round of probes of a backend two seconds later; `reasons` by path. */
  function round(backend: string, reasons: { rip?: ProbeReason | null; vip?: ProbeReason | null }, times = 1): void {
    for (let i = 0; i < times; i++) {
      vi.advanceTimersByTime(2000)
      for (const id of watched.get('web') ?? []) {
        const [, name, path] = id.split('/')
        const reason = path === 'rip' ? reasons.rip : reasons.vip
        if (name === backend && reason !== undefined) find({ id, at: Date.now(), ms: 1, reason, detail: reason === null ? 'connected' : `${reason}.` })
      }
    }
  }
  const good = { rip: null, vip: null }
  const noVip = { rip: null, vip: 'timeout' as const }
  const stateOf = (backend: string): string | undefined => health.of('web').get(backend)?.state

  it('are unknown until something is measured, which takes nobody out', () => {
    health.follow('web', asked(), 0)
    expect([...health.of('web').values()].map(({ state, rip, vip }) => [state, rip, vip])).toEqual([['unknown', 'unknown', 'unknown'], ['unknown', 'unknown', 'unknown']])
    expect([health.fallen('web').size, changed, health.events(0)]).toEqual([0, [], []])
  })

  it('join both ways, tell a change once, and say in words what is wrong', () => {
    health.follow('web', asked(), 0)
    round('web1', good)
    round('web1', noVip, 5)
    expect(health.of('web').get('web1')).toMatchObject({ state: 'unhealthy', rip: 'healthy', vip: 'unhealthy', reason: 'VIP 203.0.113.7 port 80 through this backend: timeout. Its own address answers.', damped: null })
    expect([...health.fallen('web').keys()]).toEqual(['web1'])
    round('web1', good, 2)
    expect(health.of('web').get('web1')).toMatchObject({ state: 'healthy', reason: null })
    expect(changed).toEqual(['web', 'web'])
    expect(health.events(0).map(({ seq, farm: name, backend, from, to }) => [seq, name, backend, from, to])).toEqual([[1, 'web', 'web1', 'healthy', 'unhealthy'], [2, 'web', 'web1', 'unhealthy', 'healthy']])
    expect(health.events(1)).toHaveLength(1)
  })

  it('that do not count are shown all the same', () => {
    health.follow('web', asked({ monitor: { type: 'tcp', paths: 'rip' } }), 0)
    round('web1', noVip, 4)
    expect(health.of('web').get('web1')).toMatchObject({ state: 'healthy', rip: 'healthy', vip: 'unhealthy', reason: null })
  })

  it('of several VIPs are one: the backend is out when one of them is missing', () => {
    health.follow('web', asked({ additionalVips: ['203.0.113.8'] }), 0)
    round('web1', good)
    for (let i = 0; i < 3; i++) find({ id: 'web/web1/vip/203.0.113.8', at: 0, ms: 1, reason: 'refused', detail: 'Refused.' })
    expect(health.of('web').get('web1')).toMatchObject({ state: 'unhealthy', vip: 'unhealthy', reason: 'VIP 203.0.113.8 port 80 through this backend: Refused. Its own address answers.' })
  })

  it('do not change by probes that could not be sent, nor while none come for a short time', () => {
    health.follow('web', asked(), 0)
    round('web1', good)
    round('web1', { rip: 'not-possible', vip: 'not-possible' }, 5)
    vi.advanceTimersByTime(30_000)
    expect([stateOf('web1'), changed]).toEqual(['healthy', []])
    expect(health.history('web')[0]?.probes[0]).toMatchObject({ path: 'rip', address: '203.0.113.21', port: 80, state: 'healthy', results: [{ reason: null, ms: 1 }, ...Array.from({ length: 5 }, () => ({ reason: 'not-possible' }))] })
  })

  it('are unknown again when nothing was measured for a minute, and nobody is out for that', () => {
    health.follow('web', asked(), 0)
    round('web1', good)
    round('web2', noVip, 3)
    vi.advanceTimersByTime(62_000)
    expect([stateOf('web1'), stateOf('web2'), health.fallen('web').size]).toEqual(['unknown', 'unknown', 0])
    expect(health.events(1)).toMatchObject([{ backend: 'web2', from: 'unhealthy', to: 'unknown', reason: 'Nothing was measured for a while.' }])
  })

  it('stay when the agent itself stood still: what it could not hear is no silence', () => {
    health.follow('web', asked(), 0)
    round('web1', good)
    round('web2', noVip, 3)
    vi.setSystemTime(Date.now() + 90_000)
    const real = performance.now.bind(performance)
    const jump = vi.spyOn(performance, 'now').mockImplementation(() => real() + 90_000)
    vi.advanceTimersByTime(2000)
    expect([stateOf('web1'), stateOf('web2')]).toEqual(['healthy', 'unhealthy'])
    jump.mockRestore()
  })

  it('spare those that failed together while the first of them answers again, for the time in which all can', () => {
    health.follow('web', asked(), 0)
    const both = (reasons: typeof noVip | typeof good, times: number): void => {
      for (let i = 0; i < times; i++) {
        round('web1', reasons)
        round('web2', reasons)
      }
    }
    both(good, 1)
    both(noVip, 3)
    expect([...health.fallen('web').keys()]).toEqual(['web1', 'web2'])
    round('web1', good, 2)
    expect([...health.fallen('web')].map(([name, { spared }]) => [name, spared])).toEqual([['web2', true]])
    const before = changed.length
    vi.advanceTimersByTime(8000)
    expect([...health.fallen('web')].map(([name, { spared }]) => [name, spared])).toEqual([['web2', false]])
    expect(changed.length).toBe(before + 1)
    round('web2', good, 2)
    expect(health.fallen('web').size).toBe(0)
  })

  it('leave a backend in its place when nobody else answered last either, until another one does', () => {
    health.follow('web', asked(), 0)
    round('web1', good)
    round('web2', good)
    round('web1', noVip, 2)
    round('web2', noVip)
    round('web1', noVip)
    expect(health.fallen('web').get('web1')?.spared).toBe(true)
    round('web2', good)
    expect(health.fallen('web').get('web1')?.spared).toBe(false)
    expect(changed.length).toBe(2)
  })

  it('do not change while the own link is down, and say so', () => {
    health.follow('web', asked(), 0)
    round('web1', good)
    health.follow('web', asked().map((one) => ({ ...one, link: false })), 0)
    round('web1', noVip, 5)
    expect([stateOf('web1'), health.events(0)]).toEqual(['healthy', []])
    expect(health.history('web')[0]?.probes.find(({ path }) => path === 'vip')).toMatchObject({ detail: "The appliance's own link is down.", state: 'healthy' })
    expect(health.faults()).toEqual([])
  })

  it('tell when backends could not be asked for a while', () => {
    health.follow('web', asked(), 0)
    round('web1', good)
    round('web1', { vip: 'not-possible' }, 9)
    expect(health.faults()).toMatchObject([{ code: 'probe-trouble', detail: 'One address of a backend could not be asked lately. not-possible.' }])
    round('web1', good)
    vi.advanceTimersByTime(1000)
    expect(health.faults()).toEqual([])
  })

  it('spare nobody who was out before the last ones failed', () => {
    health.follow('web', asked(), 0)
    round('web1', good)
    round('web2', good)
    round('web2', noVip, 3)
    round('web1', good, 10)
    round('web1', noVip, 3)
    round('web1', good, 2)
    expect(health.fallen('web').get('web2')?.spared).toBe(false)
  })

  it('of one that failed often hold it back, say for how long, and let it in without another result', () => {
    health.follow('web', asked(), 0)
    for (let i = 0; i < 4; i++) {
      round('web1', noVip, 3)
      round('web1', good, 2)
    }
    expect([health.fallen('web').get('web1')?.well, changed.length]).toEqual([true, 8])
    expect(health.of('web').get('web1')).toMatchObject({ state: 'unhealthy', rip: 'healthy', vip: 'healthy', reason: 'It answers again, after 4 failures in ten minutes.', damped: { seconds: 8, until: new Date(Math.ceil(Date.now() / 1000) * 1000 + 8000).toISOString() } })
    vi.advanceTimersByTime(9000)
    expect(health.of('web').get('web1')).toMatchObject({ state: 'healthy', damped: null })
  })

  it('stay when the farm is looked at again, and go with the monitor', () => {
    health.follow('web', asked(), 0)
    round('web1', noVip, 3)
    health.follow('web', asked({ monitor: { type: 'http' } }), 0)
    expect(stateOf('web1')).toBe('unhealthy')
    health.follow('web', [], 0)
    expect([health.of('web').size, health.fallen('web').size, watched.get('web')]).toEqual([0, 0, []])
    expect(health.events(1)).toMatchObject([{ backend: 'web1', from: 'unhealthy', to: 'unknown', reason: 'It is not checked any more.' }])
  })

  it('begin anew for a backend with another address', () => {
    health.follow('web', asked(), 0)
    round('web1', { rip: 'timeout', vip: 'timeout' }, 3)
    health.follow('web', asked({ vip: '203.0.113.9', backends: [{ name: 'web1', address: '203.0.113.31' }] }), 0)
    expect(stateOf('web1')).toBe('unknown')
  })

  it('of those that were unhealthy count for the next agent until it has asked itself; all others are unknown', async () => {
    health.follow('web', asked(), 0)
    round('web2', good)
    round('web1', noVip, 3)
    const before = health.of('web').get('web1')
    await health.stop()
    await open()
    health.follow('web', asked(), 0)
    expect(health.of('web').get('web1')).toMatchObject({ state: 'unhealthy', rip: 'unknown', vip: 'unhealthy', since: before?.since })
    expect([stateOf('web2'), health.events(0), changed]).toEqual(['unknown', [], ['web']])
    round('web1', good, 2)
    expect([stateOf('web1'), health.events(0).length]).toEqual(['healthy', 1])
  })

  it('make a fault of each backend that should serve, and of probes that cannot be sent', () => {
    health.follow('web', asked({ backends: [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.22', adminState: 'draining' }] }), 0)
    round('web1', noVip, 3)
    round('web2', noVip, 3)
    trouble = 'nft ended with code 1'
    vi.advanceTimersByTime(1000)
    expect(health.faults()).toMatchObject([{ code: 'probe-trouble', detail: trouble }, { code: 'backend-unhealthy', farm: 'web', backend: 'web1' }])
  })

  it('bring a backend back in quarters of its share when it starts slowly, and one that nothing was known of at once', () => {
    health.follow('web', asked({ slowStart: 30 }), 30)
    round('web2', good)
    round('web1', noVip, 3)
    round('web1', good, 2)
    const parts = [0, 9, 2, 8, 2].map((seconds) => {
      vi.advanceTimersByTime(seconds * 1000)
      return health.parts('web').get('web1')
    })
    expect(parts).toEqual([0.25, 0.25, 0.5, 0.5, 0.75])
    expect([health.of('web').get('web1')?.part, health.of('web').get('web2')?.part]).toEqual([0.75, 1])
    vi.advanceTimersByTime(10_000)
    expect([health.parts('web').size, changed.length]).toEqual([0, 5])
    round('web1', noVip, 3)
    expect(health.parts('web').size).toBe(0)
  })

  it('are remembered with the last 60 results of each address', () => {
    health.follow('web', asked(), 0)
    round('web1', good, 100)
    expect(health.history('web')[0]?.probes.map(({ results }) => results.length)).toEqual([60, 60])
  })
})
