import { describe, expect, test } from 'vitest'
import { report } from './prep-check.ts'
import { startListener } from './prep-listener.ts'
import { onPrepMachine } from './prep-machine.ts'
import type { Tools } from './prep-run.ts'
import { linuxScript, type Wanted } from './prep-script.ts'

/** Where applications listen (address, port, protocol), what the farm needs, and what the check must find wrong. */
type Case = { what: string; listeners: Array<[string, number, ('tcp' | 'udp')?]>; wanted: Partial<Wanted>; wrong: string[]; byNetstat?: string[] }

const vip = '10.9.0.100'

const cases: Case[] = [
  { what: 'every address', listeners: [['0.0.0.0', 80]], wanted: {}, wrong: [] },
  // Netstat shows a socket of both families and one of IPv6 alone in the same way.
  { what: 'every address of both families', listeners: [['::', 80]], wanted: {}, wrong: [], byNetstat: ['warn listener 10.9.0.100/tcp/80 it listens on ::, which is IPv6 alone or both'] },
  { what: 'the VIP', listeners: [[vip, 80]], wanted: {}, wrong: [] },
  { what: 'the VIP among others', listeners: [['10.9.0.21', 80], [vip, 80], ['127.0.0.1', 80]], wanted: {}, wrong: [] },
  { what: 'another address', listeners: [['127.0.0.1', 80]], wanted: {}, wrong: ['fail listener-elsewhere 10.9.0.100/tcp/80 127.0.0.1'] },
  { what: 'one port of two', listeners: [['0.0.0.0', 80]], wanted: { ports: ['80', '443'] }, wrong: ['fail listener 10.9.0.100/tcp/443'] },
  { what: 'another protocol', listeners: [['0.0.0.0', 53]], wanted: { ports: ['53'], protocol: 'udp' }, wrong: ['fail listener 10.9.0.100/udp/53'] },
  { what: 'UDP on the VIP', listeners: [[vip, 53, 'udp']], wanted: { ports: ['53'], protocol: 'udp' }, wrong: [] },
  { what: 'UDP on every address', listeners: [['0.0.0.0', 53, 'udp']], wanted: { ports: ['53'], protocol: 'udp' }, wrong: ['warn listener-every-address 10.9.0.100/udp/53'] },
  { what: 'UDP on the own address', listeners: [['10.9.0.21', 53, 'udp']], wanted: { ports: ['53'], protocol: 'udp' }, wrong: ['fail listener-elsewhere 10.9.0.100/udp/53 10.9.0.21'] },
  { what: 'a port within a range', listeners: [['0.0.0.0', 8003]], wanted: { ports: ['8000-8010'] }, wrong: [] },
  { what: 'no port within a range', listeners: [['0.0.0.0', 8011]], wanted: { ports: ['8000-8010'] }, wrong: ['fail listener 10.9.0.100/tcp/8000-8010'] },
  { what: 'whatever is wanted', listeners: [], wanted: { ports: [] }, wrong: ['warn listener 10.9.0.100/tcp/any it is for every port'] },
  { what: 'IPv6 alone', listeners: [['fd09::21', 80]], wanted: {}, wrong: ['fail listener-elsewhere 10.9.0.100/tcp/80 fd09::21'] },
  { what: 'IPv4 alone', listeners: [['0.0.0.0', 80], ['10.9.0.21', 81]], wanted: { vips: ['fd09::100'] }, wrong: ['fail listener-elsewhere fd09::100/tcp/80 0.0.0.0'] },
  { what: 'every address of IPv6', listeners: [['::', 80]], wanted: { vips: ['fd09::100'] }, wrong: [] },
  { what: 'the VIP of IPv6', listeners: [['fd09::100', 80]], wanted: { vips: ['fd09::100'] }, wrong: [] },
]

describe.concurrent('the check sees who listens, by ss and by netstat', () => {
  test.each(cases)('$what', ({ listeners, wanted, wrong, byNetstat = wrong }) =>
    onPrepMachine(async (machine) => {
      const text = linuxScript({ vips: [vip], ...wanted })
      await machine.run(text, ['--apply'])
      for (const [address, port, protocol] of listeners) await startListener(machine.namespace, address, port, protocol)
      const found = async (tools: Tools): Promise<string[]> => (await report(machine, text, { tools })).wrong.filter((item) => item.includes(' listener'))
      expect({ ss: await found('iproute2'), netstat: await found('busybox') }).toEqual({ ss: wrong, netstat: byNetstat })
    }),
  )
})
