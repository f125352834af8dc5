import { describe, expect, it } from 'vitest'
import { checkFarm } from '#lib/domain/check.ts'
import { desiredSchema } from '#lib/domain/desired.ts'
import type { FarmInput } from '#lib/domain/farm.ts'
import { farm, farmInput, found, nobody } from './farms.ts'

const web1 = { name: 'web1', address: '203.0.113.21' }

function problemsOf(changes: Record<string, unknown>): string[] {
  return found(checkFarm({ ...farmInput(), ...changes }, nobody).problems)
}

describe('the monitor that is filled in', () => {
  it.each<[string, Partial<FarmInput>, object]>([
    ['connects to the first port of TCP, by both ways', {}, { type: 'tcp', port: null, paths: 'both', interval: 2, timeout: 1, rise: 2, fall: 3 }],
    ['asks for an echo where there are no ports', { ports: [] }, { type: 'icmp', paths: 'both' }],
    ['asks for an echo where a connection says nothing', { protocol: 'udp' }, { type: 'icmp', paths: 'both' }],
    ['asks the own address alone where backends do not have the VIP', { mode: 'snat' }, { type: 'tcp', paths: 'rip' }],
    ['is that of the user with the rest of its fields', { monitor: { type: 'http', path: '/up' } }, { type: 'http', path: '/up', host: null, statuses: ['200-399'], body: null, paths: 'both' }],
    ['asks the own address alone by ARP', { monitor: { type: 'arp' } }, { type: 'arp', paths: 'rip' }],
    ['takes an empty text for none', { monitor: { type: 'http', host: '', body: '' } }, { host: null, body: null }],
    ['takes the ways that are named', { monitor: { type: 'tcp', paths: 'vip' } }, { type: 'tcp', paths: 'vip' }],
  ])('%s', (_, changes, expected) => {
    expect(farm(changes).monitor).toMatchObject(expected)
  })

  it('is none when the user wants none', () => {
    expect(farm({ monitor: null }).monitor).toBeNull()
  })

  it('of a backend knows the mode as well', () => {
    const { backends } = farm({ mode: 'dnat', backends: [{ ...web1, monitor: { type: 'icmp' } }, { name: 'web2', address: '203.0.113.22' }] })
    expect(backends.map(({ monitor }) => monitor && [monitor.type, monitor.paths])).toEqual([['icmp', 'rip'], null])
  })

  it('stays none in a document of a version without monitors', () => {
    const { whenAllUnhealthy: _choice, slowStart: _start, backends, ...old } = farm({ monitor: null })
    const { farms } = desiredSchema.parse({ generation: 3, farms: [{ ...old, backends: backends.map(({ monitor: _monitor, ...backend }) => backend) }] })
    expect(farms).toEqual([farm({ monitor: null })])
  })
})

describe('a monitor that is refused', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['of an unknown type', { monitor: { type: 'script' } }, ['/monitor/type value-invalid']],
    ['without a type', { monitor: {} }, ['/monitor/type value-invalid']],
    ['that is no object', { monitor: 'tcp' }, ['/monitor type-invalid']],
    ['with a field of another type', { monitor: { type: 'tcp', path: '/' } }, ['/monitor unknown-key']],
    ['that waits longer than its interval', { monitor: { type: 'tcp', interval: 1, timeout: 1.5 } }, ['/monitor/timeout monitor-timeout']],
    ['that asks more often than twice a second', { monitor: { type: 'tcp', interval: 0.4, timeout: 0.2 } }, ['/monitor/interval too-small']],
    ['that asks for the VIP outside mode dsr', { mode: 'snat', monitor: { type: 'tcp', paths: 'both' } }, ['/monitor/paths monitor-vip-needs-dsr']],
    ['that asks ARP for the VIP', { monitor: { type: 'arp', paths: 'both' } }, ['/monitor/paths monitor-arp-vip']],
    ['that asks ARP beyond a router', { mode: 'snat', monitor: { type: 'arp' } }, ['/monitor/type monitor-arp']],
    ['without a port where the farm has all', { ports: [], monitor: { type: 'http' } }, ['/monitor/port monitor-needs-port']],
    ['that speaks UDP to ports of TCP', { monitor: { type: 'dns', name: 'example.net' } }, ['/monitor/port monitor-protocol']],
    ['that speaks TCP to ports of UDP', { protocol: 'udp', monitor: { type: 'tcp' } }, ['/monitor/port monitor-protocol']],
    ['with a header that ends its line', { monitor: { type: 'http', host: 'a\r\nb' } }, ['/monitor/host invalid-format', '/monitor/host invalid-format']],
    ['with statuses that run downwards', { monitor: { type: 'http', statuses: ['399-200'] } }, ['/monitor/statuses/0 status-invalid']],
    ['of a backend, with where it stands', { backends: [{ ...web1, monitor: { type: 'tcp', timeout: 3 } }] }, ['/backends/0/monitor/timeout monitor-timeout']],
  ])('%s', (_, changes, expected) => {
    expect(problemsOf(changes)).toEqual(expected)
  })

  it('says how to help in every case', () => {
    const wrong = [{ type: 'script' }, { type: 'arp', paths: 'both' }, { type: 'tcp', timeout: 5 }, { type: 'dns', name: 'a' }, { type: 'tcp', rise: 0 }, { type: 'http', statuses: ['9'] }]
    const hints = wrong.flatMap((monitor) => checkFarm({ ...farmInput(), monitor }, nobody).problems.map(({ hint }) => hint))
    expect(hints.length).toBeGreaterThanOrEqual(wrong.length)
    expect(hints).not.toContain('')
  })
})

describe('a monitor that is accepted', () => {
  it.each<[string, Record<string, unknown>]>([
    ['with a port of its own where the farm has all', { ports: [], monitor: { type: 'http', port: 8080 } }],
    ['with the ports of the backends', { mode: 'snat', scheduler: 'symhash', ports: [], backends: [{ ...web1, port: 8080 }], monitor: { type: 'tcp' } }],
    ['of UDP with a port of its own beside ports of TCP', { monitor: { type: 'udp', port: 53, send: 'ping' } }],
    ['of either protocol where the farm has both', { protocol: 'all', hashInput: ['srcip'], monitor: { type: 'tcp' } }],
  ])('%s', (_, changes) => {
    expect(problemsOf(changes)).toEqual([])
  })
})

describe('a slow start', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['is possible with maglev', { slowStart: 30 }, []],
    ['is refused with a scheduler that moves everybody at each step', { slowStart: 30, scheduler: 'symhash' }, ['/slowStart slow-start-moves']],
    ['is refused where flows cannot be handed over', { slowStart: 30, protocol: 'udp' }, ['/slowStart slow-start-moves']],
    ['lasts an hour at most', { slowStart: 3601 }, ['/slowStart too-big']],
  ])('%s', (_, changes, expected) => {
    expect(problemsOf(changes)).toEqual(expected)
  })
})
