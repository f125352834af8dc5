import type { Mode } from '#lib/domain/farm.ts'
import type { Monitor, MonitorInput, ProbeType } from '#lib/domain/monitor.ts'
import { typedNumber } from './typed-number.ts'

type DnsMonitor = Extract<Monitor, { type: 'dns' }>

/**
 * What stands in the fields of a health check, as it was typed: those of every type, so that nothing is lost when another one is
 * chosen and taken back. No type is the default of the farm, in a backend the way of its farm; `none` is no health check.
 */
export type MonitorValues = {
  type: '' | ProbeType | 'none'
  paths: Monitor['paths']
  interval: string
  timeout: string
  rise: string
  fall: string
  port: string
  path: string
  host: string
  statuses: string
  body: string
  verify: boolean
  name: string
  record: DnsMonitor['record']
  answer: string
  send: string
  expect: string
}

export type MonitorField = keyof MonitorValues

export const newMonitor: MonitorValues = {
  type: '',
  paths: 'both',
  interval: '2',
  timeout: '1',
  rise: '2',
  fall: '3',
  port: '',
  path: '/',
  host: '',
  statuses: '200-399',
  body: '',
  verify: false,
  name: '',
  record: 'A',
  answer: '',
  send: '',
  expect: '',
}

// Object.keys has no types of its own; these are the fields of MonitorValues and nothing else.
export const monitorFields = Object.keys(newMonitor) as MonitorField[]

export function toMonitorValues(monitor: Monitor): MonitorValues {
  return {
    ...newMonitor,
    type: monitor.type,
    paths: monitor.paths,
    interval: String(monitor.interval),
    timeout: String(monitor.timeout),
    rise: String(monitor.rise),
    fall: String(monitor.fall),
    ...('port' in monitor ? { port: monitor.port === null ? '' : String(monitor.port) } : {}),
    ...('path' in monitor ? { path: monitor.path, host: monitor.host ?? '', statuses: monitor.statuses.join(', '), body: monitor.body ?? '' } : {}),
    ...('verify' in monitor ? { verify: monitor.verify } : {}),
    ...('record' in monitor ? { name: monitor.name, record: monitor.record, answer: monitor.answer ?? '' } : {}),
    ...('send' in monitor ? { send: monitor.send, expect: monitor.expect ?? '' } : {}),
  }
}

/** The health check that was typed; null when there is none of its own. An empty text stands for what may be left out. */
export function toMonitorInput(values: MonitorValues, mode: Mode): MonitorInput | null {
  const { type, paths, interval, timeout, rise, fall, port, path, host, statuses, body, verify, name, record, answer, send, expect } = values
  if (type === '' || type === 'none') return null
  const common = { ...(asksVip(type, mode) ? { paths } : {}), interval: typedNumber(interval), timeout: typedNumber(timeout), rise: typedNumber(rise), fall: typedNumber(fall) }
  const at = { port: port.trim() === '' ? null : typedNumber(port) }
  const http = { path: path.trim(), host: host.trim(), statuses: statuses.split(/[\s,]+/).filter(Boolean), body }
  switch (type) {
    case 'tcp':
      return { type, ...common, ...at }
    case 'http':
      return { type, ...common, ...at, ...http }
    case 'https':
      return { type, ...common, ...at, ...http, verify }
    case 'dns':
      return { type, ...common, ...at, name: name.trim(), record, answer }
    case 'udp':
      return { type, ...common, ...at, send, expect }
    case 'icmp':
    case 'arp':
      return { type, ...common }
  }
}

/** Whether there is a choice of what is asked: only in mode dsr do backends have the VIP, and none may answer ARP for it. */
export function asksVip(type: ProbeType, mode: Mode): boolean {
  return mode === 'dsr' && type !== 'arp'
}

const required = ['interval', 'timeout', 'rise', 'fall', 'name', 'path', 'statuses'] as const

/** Whether a field of this name must be filled in and is not. */
export function isBlank(values: MonitorValues, name: string | undefined): boolean {
  const field = required.find((one) => one === name)
  return field !== undefined && values[field].trim() === ''
}
